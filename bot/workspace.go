package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"tebiki/bot/config"
	"tebiki/bot/sample"
)

// A workspace is a configuration with the files it names.
type workspace struct {
	config *config.Config
	files  fs.FS
	dir    string // "" when the files are embedded
	name   string // of the configuration, within files
}

// open reads a configuration; without a name it is the embedded sample's.
func open(file string, getenv func(string) (string, bool)) (*workspace, error) {
	ws := &workspace{files: sample.FS(), name: sample.Config}
	if file != "" {
		ws.dir, ws.name = filepath.Split(file)
		if ws.dir == "" {
			ws.dir = "."
		}
		ws.files = os.DirFS(ws.dir)
	}
	cfg, err := config.Load(ws.files, ws.name, getenv)
	ws.config = cfg
	return ws, err
}

// listen puts another address in the place of the configuration's. The
// console's own address follows, unless the configuration names one.
func (ws *workspace) listen(addr string) error {
	if addr == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return fmt.Errorf("--listen %s: %w: write HOST:PORT, such as 127.0.0.1:8420", addr, err)
	}
	if ws.config.URL == urlOf(ws.config.Listen) {
		ws.config.URL = urlOf(addr)
	}
	ws.config.Listen = addr
	if ws.config.Exposed() {
		return errors.New("--listen " + addr + ": the console would be open to everybody there: set password or token in the configuration, or listen on 127.0.0.1")
	}
	return nil
}

// urlOf is where a browser on this machine finds what is served on an address.
func urlOf(listen string) string {
	host, port, _ := net.SplitHostPort(listen) // checked by whoever took it
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
