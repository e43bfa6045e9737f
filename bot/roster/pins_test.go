package roster

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tebiki/bot/roster/pin"
)

func TestPINs(t *testing.T) {
	hash := func(digits string, s pin.Salt) pin.Hash {
		h, err := pin.New(digits, s)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	one, err := pin.NewSalt(10)
	if err != nil {
		t.Fatal(err)
	}
	other, err := pin.NewSalt(10)
	if err != nil {
		t.Fatal(err)
	}
	teams := []Team{{ID: "t", Leader: "a", Zone: time.UTC}}
	r, err := New([]Person{{ID: "a", Team: "t", PIN: hash("5927", one)}, {ID: "b", Team: "t", PIN: hash("8371", other)}, {ID: "c", Team: "t", PIN: hash("5927", other)}, {ID: "d", Team: "t"}}, teams)
	if err != nil {
		t.Fatal(err)
	}
	for digits, want := range map[string]int{"8371": 1, "5927": 2, "1111": 0, "": 0} {
		if got, err := r.ByPIN(digits); len(got) != want || err != nil {
			t.Errorf("%q is the PIN of %v, %v; want %d people", digits, got, err, want)
		}
	}
	if got, _ := r.ByPIN("8371"); ids(got)[0] != "b" || !r.HasPINs() {
		t.Errorf("8371 is %v's", ids(got))
	}
	_, err = New([]Person{{ID: "a", Team: "t", PIN: hash("5927", one)}, {ID: "b", Team: "t", PIN: hash("5927", one)}, {ID: "c", Team: "t", PIN: "5927"}}, teams)
	if diff := cmp.Diff([]Fault{{ID: "b", Key: "pin"}, {ID: "c", Key: "pin"}}, faults(t, err)); diff != "" {
		t.Errorf("faults (-want +got):\n%s\n%v", diff, err)
	}
}
