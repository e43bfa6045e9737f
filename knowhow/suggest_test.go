package knowhow

import (
	"strings"
	"testing"
)

func TestEdits(t *testing.T) {
	long := strings.Repeat("a", 200)
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"disk", "", 4},
		{"", "disk", 4},
		{"disk", "disk", 0},
		{"disk", "dsik", 1},
		{"disk", "desk", 1},
		{"disk", "disks", 1},
		{"kitten", "sitting", 3},
		{"証明書", "証明所", 1},
		{long, long + "b", 1},
		{"a", long, 199},
	}
	for _, tt := range tests {
		if got := Edits([]rune(tt.a), []rune(tt.b)); got != tt.want {
			t.Errorf("from %.20q to %.20q are %d edits, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
