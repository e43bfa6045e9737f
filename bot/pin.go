package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"tebiki/bot/roster/pin"
)

type pinCmd struct {
	Config string `help:"Configuration file the hash is for. With it a number that a colleague has is refused, and calls are answered faster." short:"c" type:"path" placeholder:"FILE"`
}

// Run asks for a number on standard input and prints its hash. The number is
// never an argument: those are seen by everybody on the machine.
func (c *pinCmd) Run(w world) error {
	taken, err := c.taken(w)
	if err != nil {
		return err
	}
	salt, err := saltFor(taken)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.errs, "PIN (%d to %d digits, shown as you type): ", pin.MinDigits, pin.MaxDigits)
	digits, err := firstLine(w.in)
	if err != nil {
		return err
	}
	return printHash(w.out, digits, salt, taken)
}

// taken are the hashes of the configuration.
func (c *pinCmd) taken(w world) (map[string]pin.Hash, error) {
	if c.Config == "" {
		return nil, nil
	}
	ws, err := open(c.Config, w.getenv)
	if err != nil {
		return nil, err
	}
	taken := map[string]pin.Hash{}
	for _, p := range ws.config.Roster.People() {
		if p.PIN != "" {
			taken[p.ID] = p.PIN
		}
	}
	return taken, nil
}

// saltFor gives the salt that most people share.
func saltFor(taken map[string]pin.Hash) (pin.Salt, error) {
	shared := map[pin.Salt]int{}
	var most pin.Salt
	for _, h := range taken {
		s, err := h.Salt()
		if err != nil {
			return pin.Salt{}, err
		}
		if shared[s]++; shared[s] > shared[most] {
			most = s
		}
	}
	if len(taken) > 0 {
		return most, nil
	}
	return pin.NewSalt(pin.Rounds)
}

// maxPIN is more than anybody types.
const maxPIN = 1 << 10

func firstLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, maxPIN)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the PIN: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// errTaken does not say whose it is: whoever asked would know it then.
var errTaken = errors.New("pin: choose another number; this one cannot be told apart from a colleague's")

func printHash(out io.Writer, digits string, salt pin.Salt, taken map[string]pin.Hash) error {
	h, err := pin.New(digits, salt)
	if err != nil {
		return fmt.Errorf("pin: %w", err)
	}
	same, err := pin.Match(digits, taken)
	switch {
	case err != nil:
		return err
	case len(same) > 0:
		return errTaken
	}
	_, err = fmt.Fprintln(out, h)
	return err
}
