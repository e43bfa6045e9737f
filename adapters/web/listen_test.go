package web

import (
	"strings"
	"testing"
)

func TestCheckListen(t *testing.T) {
	tests := []struct {
		addr   string
		secret bool
		want   string // part of the error; "" for none
	}{
		{"127.0.0.1:8420", false, ""},
		{"127.8.9.1:0", false, ""},
		{"localhost:8420", false, ""},
		{"LOCALHOST:8420", false, ""},
		{"[::1]:8420", false, ""},
		{"[::ffff:127.0.0.1]:8420", false, ""},
		{"unix:/run/tebiki.sock", false, ""},
		{":8420", false, "every address"},
		{"0.0.0.0:8420", false, "every address"},
		{"[::]:8420", false, "every address"},
		{"192.0.2.7:8420", false, "others can reach"},
		{"[fe80::1%eth0]:8420", false, "others can reach"},
		{"ops.example.net:80", false, "only localhost"},
		{"localhost.example.net:80", false, "only localhost"},
		{"127.0.0.1.nip.io:80", false, "only localhost"},
		{"2130706433:80", false, "only localhost"},
		{"8420", true, "want a host and a port"},
		{"::1:8420", false, "want a host and a port"},
		{"", false, "want a host and a port"},
		{":8420", true, ""},
		{"0.0.0.0:8420", true, ""},
		{"ops.example.net:80", true, ""},
	}
	for _, tt := range tests {
		err := CheckListen(tt.addr, tt.secret)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("CheckListen(%q, %t) = %v, want nil", tt.addr, tt.secret, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("CheckListen(%q, %t) = %v, want it to say %q", tt.addr, tt.secret, err, tt.want)
		}
		if err != nil && tt.want != "want a host and a port" && !strings.Contains(err.Error(), "set one, or listen on 127.0.0.1") {
			t.Errorf("CheckListen(%q): %v does not say what to do", tt.addr, err)
		}
	}
}
