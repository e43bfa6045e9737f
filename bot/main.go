package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// A cli is the command line.
type cli struct {
	Serve   serveCmd   `cmd:"" default:"withargs" help:"Serve the console and do the work (default)."`
	Check   checkCmd   `cmd:"" help:"Find what is wrong with a configuration and its know-how. Exit status 1 when there is something."`
	Init    initCmd    `cmd:"" help:"Write the sample workspace into a folder, to start your own from."`
	Alert   alertCmd   `cmd:"" help:"Send an alert to a running tebiki."`
	Digest  digestCmd  `cmd:"" help:"Run the morning flow in a running tebiki."`
	Report  reportCmd  `cmd:"" help:"What a running tebiki has counted."`
	Audit   auditCmd   `cmd:"" help:"Print which checks were run where, for whom. The log only grows."`
	Slack   slackCmd   `cmd:"" help:"What Slack needs to know of tebiki."`
	Doctor  doctorCmd  `cmd:"" help:"Try what tebiki needs of other systems, and say what is wrong there. Exit status 1 when there is something."`
	KnowHow knowhowCmd `cmd:"" name:"knowhow" help:"Begin the know-how of a component, and what editors need for it."`
	Mail    mailCmd    `cmd:"" help:"Mails that become alerts."`
	Webhook webhookCmd `cmd:"" help:"Webhooks that become alerts."`
	Zabbix  zabbixCmd  `cmd:"" help:"What Zabbix needs to know of tebiki."`
	PIN     pinCmd     `cmd:"" name:"pin" help:"Make the hash of a PIN, by which somebody on the telephone is known."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// A world is where a command runs; tests make their own.
type world struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	errs   io.Writer
	getenv func(string) (string, bool)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // whoever asks again does not want to wait for the end
	code := run(world{ctx, os.Stdin, os.Stdout, os.Stderr, os.LookupEnv}, os.Args[1:])
	os.Exit(code)
}

// run carries out a command line and gives the exit status: 0, 1 when the
// command found or met something wrong, 2 when the words are.
func run(w world, args []string) int {
	code := -1
	parser, err := kong.New(&cli{}, kong.Name("tebiki"), kong.Writers(w.out, w.errs),
		kong.Description("Tickets, alerts and the know-how for them, brought to whoever is on duty."),
		kong.Exit(func(c int) { code = c }))
	if err != nil {
		fmt.Fprintln(w.errs, "tebiki:", err)
		return 2
	}
	cmd, err := parser.Parse(args)
	if code >= 0 { // --help was asked for and given
		return code
	}
	if err != nil {
		fmt.Fprintf(w.errs, "tebiki: %v\nTry: tebiki --help\n", err)
		return 2
	}
	if err := cmd.Run(w); err != nil {
		fmt.Fprintln(w.errs, "tebiki:", err)
		return 1
	}
	return 0
}
