package asterisk

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tebiki/adapters"
)

// maxAnswer is how much of an answer is read: a recording of two minutes is
// 2 MB.
const maxAnswer = 32 << 20

func (a *Asterisk) basic() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.opt.User+":"+a.opt.Password))
}

// request asks Asterisk for one thing. Errors are *adapters.Error; status is
// 0 without an answer of Asterisk's.
func (a *Asterisk) request(ctx context.Context, method, path string, in, out any) (status int, err error) {
	status, answer, err := a.exchange(ctx, method, path, in)
	if fault := badly(status); fault != "" {
		a.opt.Count("request failed: " + fault)
	}
	if err != nil || len(answer) == 0 && out == nil {
		return status, err
	}
	var anything json.RawMessage
	if out == nil {
		out = &anything
	}
	if bad := json.Unmarshal(answer, out); bad != nil { // what was asked was perhaps not done: a proxy may speak in Asterisk's place
		err = &adapters.Error{Op: operation(method, path), Code: adapters.Unavailable, Err: fmt.Errorf("what answers there is no Asterisk, or it is broken: see the address of ARI: %w", bad)}
		status = 0
	}
	return status, err
}

// badly names how a request went, for a metric; "" when Asterisk did it, or
// said why not.
func badly(status int) string {
	switch {
	case status == 0:
		return "no answer"
	case status == http.StatusTooManyRequests:
		return "too many"
	case status >= http.StatusInternalServerError:
		return "5xx"
	}
	return ""
}

// file reads a file.
func (a *Asterisk) file(ctx context.Context, path string) ([]byte, error) {
	_, data, err := a.exchange(ctx, http.MethodGet, path, nil)
	return data, err
}

func operation(method, path string) string {
	return strings.ToLower(method) + " " + path + " at Asterisk"
}

// exchange makes one request and reads the answer to its end.
func (a *Asterisk) exchange(ctx context.Context, method, path string, in any) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	op := operation(method, path)
	r, err := a.newRequest(ctx, method, path, in)
	if err != nil {
		return 0, nil, &adapters.Error{Op: op, Code: adapters.Refused, Err: err}
	}
	resp, err := a.http.Do(r)
	if err != nil {
		return 0, nil, &adapters.Error{Op: op, Code: adapters.Unavailable, Err: noAnswer(err)}
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	f := &adapters.Error{Op: op}
	switch status = resp.StatusCode; {
	case status/100 == 2 && err == nil:
		return status, answer, nil
	case status/100 == 2:
		f.Err = fmt.Errorf("its answer broke off: %w", err)
		return 0, nil, f
	}
	f.Code, f.Err = meaning(status, answer)
	if after, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		f.After = time.Duration(after) * time.Second
	}
	if status == http.StatusNotFound && !json.Valid(answer) { // ARI's say why; whether it has the thing nobody told
		status, f.Code = 0, adapters.Unavailable
	}
	return status, nil, f
}

func (a *Asterisk) newRequest(ctx context.Context, method, path string, in any) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(a.opt.URL, "/")+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", a.basic())
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// meaning is what a status says, and what to do.
func meaning(status int, answer []byte) (adapters.Code, error) {
	var said struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	_ = json.Unmarshal(answer, &said) // not every answer has words
	words := strings.TrimSpace(said.Message + " " + said.Error)
	what, code := "", adapters.Unavailable
	switch status {
	case http.StatusUnauthorized:
		code, what = adapters.Denied, "Asterisk does not take the password: compare user and password with ari.conf"
	case http.StatusForbidden:
		code, what = adapters.Denied, "Asterisk does not permit it: is the user read_only in ari.conf, or the origin not allowed?"
	case http.StatusNotFound:
		code, what = adapters.NotFound, "Asterisk does not have it (if it is everything: is res_ari loaded, and does the address end with /ari?)"
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		code, what = adapters.Refused, "Asterisk refuses it"
	case http.StatusConflict:
		code, what = adapters.Refused, "it exists, or is in another state"
	case http.StatusTooManyRequests:
		code, what = adapters.Throttled, "Asterisk asks for fewer requests"
	default:
		what = fmt.Sprintf("Asterisk fails (status %d)", status)
	}
	if words != "" {
		what += ": " + words
	}
	return code, errors.New(what)
}
