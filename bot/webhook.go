package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"tebiki/adapters/source"
	"tebiki/bot/config"
)

type webhookCmd struct {
	Test webhookTestCmd `cmd:"" help:"Try a webhook on a body: the alerts that it would become, or why not. Exit status 1 when it would be refused."`
}

type webhookTestCmd struct {
	Config string `arg:"" type:"path" help:"Configuration file, with the webhook under alerts.webhooks."`
	Name   string `arg:"" help:"The webhook's name, or alertmanager, grafana or zabbix."`
	File   string `arg:"" name:"file.json" help:"A body as the sender sends it; - reads it from the standard input."`
}

// Help is what --help says beside the flags.
func (*webhookTestCmd) Help() string {
	return `Nothing is sent, and nothing is proven: a token or signature is not looked at. The configuration is read as at a start, so its secrets have to be there.`
}

// maxWebhook is more than a webhook may have; the rest is of no use here.
const maxWebhook = 2 << 20

// Run prints the alerts.
func (c *webhookTestCmd) Run(w world) error {
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return err
	}
	parse, err := parserOf(ws.config, c.Name)
	if err != nil {
		return err
	}
	body, err := c.body(w.in)
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Second)
	defer cancel()
	alerts, err := parse(ctx, body)
	if err != nil {
		return fmt.Errorf("webhook %s refuses %s: %w", c.Name, c.File, err)
	}
	return printAlerts(w.out, alerts)
}

func (c *webhookTestCmd) body(in io.Reader) ([]byte, error) {
	if c.File == "-" {
		return io.ReadAll(io.LimitReader(in, maxWebhook))
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxWebhook))
}

// parserOf finds what reads a webhook's bodies.
func parserOf(cfg *config.Config, name string) (func(context.Context, []byte) ([]source.Alert, error), error) {
	formats := source.Formats()
	known := slices.Sorted(maps.Keys(formats))
	for _, h := range cfg.Webhooks {
		if h.Mapping == nil {
			continue
		}
		if known = append(known, h.Name); h.Name == name {
			return h.Mapping.Parse, nil
		}
	}
	if parse := formats[name]; parse != nil {
		return func(_ context.Context, body []byte) ([]source.Alert, error) { return parse(body) }, nil
	}
	return nil, fmt.Errorf("there is no webhook %q: the configuration's alerts.webhooks and the known formats are %s", name, strings.Join(known, ", "))
}

// printAlerts writes one block of lines for each alert.
func printAlerts(out io.Writer, alerts []source.Alert) error {
	var b strings.Builder
	if len(alerts) == 0 {
		b.WriteString("taken, and no alert: the body says nothing that is wanted\n")
	}
	for i, a := range alerts {
		fmt.Fprintf(&b, "alert %d of %d\n", i+1, len(alerts))
		for _, f := range alertLines(a) {
			if f[1] != "" {
				fmt.Fprintf(&b, "  %-9s %s\n", f[0], f[1])
			}
		}
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return errors.Join(errors.New("write the alerts"), err)
	}
	return nil
}

// alertLines are an alert's fields in the order of the format's description.
func alertLines(a source.Alert) [][2]string {
	status, at := "firing", "when it comes"
	if a.Resolved {
		status = "resolved"
	}
	if !a.At.IsZero() {
		at = a.At.Format(time.RFC3339)
	}
	lines := [][2]string{{"source", a.Source}, {"key", a.Key}, {"status", status}, {"severity", a.Severity}, {"host", a.Host}, {"service", a.Service},
		{"check", a.Check}, {"summary", a.Summary}, {"link", a.Link}, {"at", at}}
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		lines = append(lines, [2]string{"label", name + " = " + a.Labels[name]})
	}
	return lines
}
