package redminetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// A Client does what people do in Redmine's pages. What does not succeed
// fails its test, save for Call.
type Client struct {
	t        testing.TB
	url, key string
	server   *Server
}

// Fields of an issue or a project, by the API's names.
type Fields map[string]any

// An Answer is what Redmine said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// As acts as a person, whatever the person is allowed.
func (s *Server) As(t testing.TB, p Person) *Client {
	return &Client{t: t, url: s.URL, key: p.Key, server: s}
}

// Admin acts as the administrator.
func (s *Server) Admin(t testing.TB) *Client {
	return &Client{t: t, url: s.URL, key: s.AdminKey, server: s}
}

// Call makes one request of the API; body is sent as JSON unless it is nil.
func (c *Client) Call(method, path string, body any) Answer {
	c.t.Helper()
	got, err := c.call(c.t.Context(), method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

func (c *Client) call(ctx context.Context, method, path string, body any) (Answer, error) {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return Answer{}, fmt.Errorf("write a request: %w", err)
		}
		sent = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, sent)
	if err != nil {
		return Answer{}, fmt.Errorf("write a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Redmine-API-Key", c.key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("ask Redmine: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("read Redmine's answer: %w", err)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: text}, nil
}

// must is a call that succeeds, its answer read into a value unless it is nil.
func (c *Client) must(method, path string, body, into any) {
	c.t.Helper()
	got := c.Call(method, path, body)
	if got.Status/100 != 2 {
		c.t.Fatalf("%s %s: status %d: %s", method, path, got.Status, got.Body)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(got.Body, into); err != nil {
		c.t.Fatalf("%s %s: %v in %s", method, path, err, got.Body)
	}
}

// Lock takes a user's access away; the user keeps what is assigned.
func (c *Client) Lock(p Person) {
	c.t.Helper()
	c.must(http.MethodPut, fmt.Sprintf("/users/%d.json", p.ID), Fields{"user": Fields{"status": 3}}, nil)
}

// Rename gives a user another login.
func (c *Client) Rename(p Person, login string) {
	c.t.Helper()
	c.must(http.MethodPut, fmt.Sprintf("/users/%d.json", p.ID), Fields{"user": Fields{"login": login}}, nil)
}
