# One static binary and nothing else: no shell, no package, no root.
#
#   docker build -t tebiki .
#   docker run -p 127.0.0.1:8420:8420 -v tebiki:/data -v ./workspace:/workspace:ro -e TEBIKI_PASSWORD tebiki
#
# The folder ./workspace is what `tebiki init` writes. In a container the
# console listens on every address, so its tebiki.yaml must set a password or a
# token: without one it refuses to start. Checks of the know-how run where the
# bot does, and here is no command for them to run: teams that use such checks
# put the binary on an image which has the commands.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/tebiki ./bot
# A volume that is new takes the owner of the folder it is put over.
RUN mkdir -m 0700 /out/data && chown 65532:65532 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/tebiki /tebiki
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 8420
# It drains within 10 s of SIGTERM, which is what docker stop allows.
ENTRYPOINT ["/tebiki"]
CMD ["serve", "--config", "/workspace/tebiki.yaml", "--data", "/data", "--listen", "0.0.0.0:8420"]
