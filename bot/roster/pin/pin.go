// Package pin is how somebody on the telephone proves who they are: a number
// of a few digits, kept as a hash. The number goes one way only: `tebiki pin`
// makes the hash that stands in the configuration, and a number that was
// pressed is hashed again to be compared.
//
// A telephone has ten keys, so there are few numbers to try, and who has the
// hash of a short one finds it in hours however slow the hash is. What keeps
// guessing away is that calls take time and are locked out (bot/hotline); the
// hash keeps whoever reads the configuration by chance from knowing them.
//
// People may share a salt. Then one derivation compares a number with
// everybody, since it is not known who calls, and two people with the same
// number can be told apart from two with different ones before both are let
// in as each other.
package pin

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// How many digits there are.
const (
	MinDigits = 4
	MaxDigits = 10
)

// Rounds are those of a derivation: some 0.2 s, which is short on a call and
// long for whoever tries many.
const Rounds = 600_000

const (
	scheme   = "pbkdf2-sha256"
	saltSize = 16
	keySize  = 32

	// More would let one line of the configuration stop the process for
	// minutes.
	maxRounds = 10 * Rounds
)

// ErrWeak is wrapped by what Check and New say of a number that others would
// try first.
var ErrWeak = errors.New("others would try this first")

// A Hash is that of somebody's number; "" when they have none.
type Hash string

// A Salt goes into every hash that is to be compared in one derivation.
type Salt struct {
	bytes  string
	rounds int
}

// NewSalt makes one that nobody has, for so many rounds.
func NewSalt(rounds int) (Salt, error) {
	b := make([]byte, saltSize)
	if _, err := rand.Read(b); err != nil {
		return Salt{}, fmt.Errorf("make a salt: %w", err)
	}
	return Salt{string(b), rounds}, nil
}

// New hashes a number, unless it is weak.
func New(digits string, s Salt) (Hash, error) {
	if err := Check(digits); err != nil {
		return "", err
	}
	key, err := derive(digits, s)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return Hash(fmt.Sprintf("%s$%d$%s$%s", scheme, s.rounds, b64([]byte(s.bytes)), b64(key))), nil
}

// Check tells what is wrong with a number as a PIN. What it says does not
// repeat the number.
func Check(digits string) error {
	if !isDigits(digits) || len(digits) < MinDigits || len(digits) > MaxDigits {
		return fmt.Errorf("want %d to %d digits", MinDigits, MaxDigits)
	}
	if weak(digits) {
		return fmt.Errorf("%w: choose one that is no row of keys, no repetition and no year", ErrWeak)
	}
	return nil
}

func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// Salt gives the salt of a hash, for the hash of a colleague.
func (h Hash) Salt() (Salt, error) {
	s, _, err := h.parse()
	return s, err
}

// Valid tells what is wrong with a hash, without repeating it.
func (h Hash) Valid() error {
	_, _, err := h.parse()
	return err
}

var errForm = errors.New("this is not what `tebiki pin` prints")

func (h Hash) parse() (Salt, []byte, error) {
	parts := strings.Split(string(h), "$")
	if len(parts) != 4 || parts[0] != scheme {
		return Salt{}, nil, errForm
	}
	n, err := strconv.Atoi(parts[1])
	salt, err2 := base64.RawStdEncoding.DecodeString(parts[2])
	key, err3 := base64.RawStdEncoding.DecodeString(parts[3])
	if err := errors.Join(err, err2, err3); err != nil {
		return Salt{}, nil, errForm
	}
	if n < 1 || n > maxRounds || len(salt) < saltSize || len(key) != keySize {
		return Salt{}, nil, errForm
	}
	return Salt{string(salt), n}, key, nil
}

func derive(digits string, s Salt) ([]byte, error) {
	return pbkdf2.Key(sha256.New, digits, []byte(s.bytes), s.rounds, keySize)
}

// Match gives all whose number was pressed: nobody, one, or several who chose
// the same. It derives once for each salt, whether or not somebody was found,
// so the time it takes says nothing.
func Match(digits string, people map[string]Hash) ([]string, error) {
	if !isDigits(digits) || len(digits) > MaxDigits {
		return nil, nil
	}
	keys := map[Salt][]byte{}
	var found []string
	for id, h := range people {
		salt, want, err := h.parse()
		if err != nil {
			return nil, fmt.Errorf("read the PIN of %s: %w", id, err)
		}
		if keys[salt] == nil {
			if keys[salt], err = derive(digits, salt); err != nil {
				return nil, fmt.Errorf("compare a PIN: %w", err)
			}
		}
		if hmac.Equal(keys[salt], want) {
			found = append(found, id)
		}
	}
	return found, nil
}
