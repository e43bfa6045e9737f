package pin

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func hash(t *testing.T, digits string, s Salt) Hash {
	t.Helper()
	h, err := New(digits, s)
	if err != nil {
		t.Fatalf("hash %s: %v", digits, err)
	}
	return h
}

func salt(t *testing.T) Salt {
	t.Helper()
	s, err := NewSalt(10)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMatch(t *testing.T) {
	one, other := salt(t), salt(t)
	people := map[string]Hash{"tanaka": hash(t, "837264", one), "sato": hash(t, "5927", one), "lee": hash(t, "837264", other)}
	for digits, want := range map[string][]string{
		"837264": {"lee", "tanaka"}, "5927": {"sato"}, "59270": nil, "592": nil, "": nil, "#5927": nil, "5927\x00": nil,
		"':--": nil, strings.Repeat("1", 1<<20): nil,
	} {
		got, err := Match(digits, people)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%.20q matches %v, %v; want %v", digits, got, err, want)
		}
	}
	if people["tanaka"] == people["lee"] {
		t.Error("two salts gave the same hash")
	}
	if _, err := Match("5927", map[string]Hash{"x": "nonsense"}); err == nil || strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a broken hash gave %v", err)
	}
}

func TestSaltIsShared(t *testing.T) {
	first := hash(t, "837264", salt(t))
	s, err := first.Salt()
	if err != nil {
		t.Fatal(err)
	}
	if again := hash(t, "837264", s); again != first {
		t.Errorf("the same number and salt gave %s and %s", first, again)
	}
}

func TestWeak(t *testing.T) {
	for _, digits := range []string{"0000", "1111", "1234", "4321", "9876", "7890", "2468", "1212", "123123", "112211", "2580", "1379", "1985", "2026",
		"0101", "1231", "3112", "850412", "120485", "19850412", "12041985", "11112222", "123321", "147258", "0123456789", "1122"} {
		if err := Check(digits); !errors.Is(err, ErrWeak) {
			t.Errorf("%s: %v, want weak", digits, err)
		}
	}
	for _, digits := range []string{"", "123", "12345678901", "12a4", "１２３４", "-123", "12 34", "12\n4", strings.Repeat("7", 1<<20)} {
		if err := Check(digits); err == nil || errors.Is(err, ErrWeak) {
			t.Errorf("%.20q: %v, want that it is no number of that length", digits, err)
		}
	}
	for _, digits := range []string{"5927", "8371", "60418", "837264", "4096173", "90817264", "7392608154"} {
		if err := Check(digits); err != nil {
			t.Errorf("%s: %v", digits, err)
		}
	}
}

// Most numbers may be chosen.
func TestWeakAreFew(t *testing.T) {
	count := 0
	for i := range 10000 {
		if Check(fmt.Sprintf("%04d", i)) != nil {
			count++
		}
	}
	if count > 1500 {
		t.Errorf("of four digits %d are refused", count)
	}
}

func TestValid(t *testing.T) {
	good := string(hash(t, "5927", salt(t)))
	if err := Hash(good).Valid(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "5927", "pbkdf2-sha256", good + "$", good[:len(good)-1], strings.Replace(good, "sha256", "sha1", 1),
		strings.Replace(good, "$10$", "$0$", 1), strings.Replace(good, "$10$", "$600000000$", 1), strings.Replace(good, "$10$", "$1e1$", 1),
		strings.Replace(good, "$", "$$", 1), "pbkdf2-sha256$600000$AAAA$AAAA"} {
		err := Hash(bad).Valid()
		if err == nil {
			t.Errorf("%q is taken for a hash", bad)
		} else if bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("the error repeats %q: %v", bad, err)
		}
	}
}

// BenchmarkDerivation is what a caller waits for.
func BenchmarkDerivation(b *testing.B) {
	s, err := NewSalt(Rounds)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := derive("837264", s); err != nil {
			b.Fatal(err)
		}
	}
}
