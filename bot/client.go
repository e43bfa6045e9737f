package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// A server is the running tebiki that a command talks to.
type server struct {
	URL   string `help:"Address of the running tebiki." default:"http://127.0.0.1:8420" env:"TEBIKI_URL" placeholder:"URL"`
	Token string `help:"Token of its API. Better in the environment than on the command line." env:"TEBIKI_TOKEN" placeholder:"TOKEN"`
}

// answerTime is how long an answer may take: a digest of a long weekend's
// alerts is some seconds' work.
const answerTime = time.Minute

// post sends a body and reads the answer into out.
func (s *server) post(ctx context.Context, path string, query url.Values, body, out any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode what is sent to %s: %w", path, err)
	}
	return s.call(ctx, http.MethodPost, path, query, data, out)
}

// get asks and reads the answer into out.
func (s *server) get(ctx context.Context, path string, query url.Values, out any) error {
	return s.call(ctx, http.MethodGet, path, query, nil, out)
}

func (s *server) call(ctx context.Context, method, path string, query url.Values, body []byte, out any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	u, err := url.Parse(s.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("--url %q is not the address of a web site: write it like http://127.0.0.1:8420", s.URL)
	}
	u = u.JoinPath(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask %s: %w", s.URL, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if s.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	resp, err := http.DefaultClient.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("no tebiki answers at %s: start it with `tebiki serve`, or name another with --url", s.URL)
	}
	if err != nil {
		return fmt.Errorf("send to %s: %w", s.URL, err)
	}
	defer resp.Body.Close()
	return answer(resp, out)
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 8 << 20

func answer(resp *http.Response, out any) error {
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if resp.StatusCode/100 == 2 {
		if err := json.Unmarshal(data, out); err != nil {
			return fmt.Errorf("the answer is no JSON: %w: is %s a tebiki?", err, resp.Request.URL.Host)
		}
		return nil
	}
	var problem struct {
		Error string `json:"error"`
		Path  string `json:"path"`
	}
	if json.Unmarshal(data, &problem) != nil || problem.Error == "" {
		problem.Error = "no reason given"
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("it was refused (%s): set TEBIKI_TOKEN to the token of its configuration", problem.Error)
	case problem.Path != "":
		return fmt.Errorf("it was refused (%d): %s: %s", resp.StatusCode, problem.Path, problem.Error)
	}
	return fmt.Errorf("it was refused (%d): %s", resp.StatusCode, problem.Error)
}
