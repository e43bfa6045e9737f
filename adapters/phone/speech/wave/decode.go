package wave

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// What a WAV may be.
const (
	formatPCM        = 1
	formatExtensible = 0xFFFE
	minRate          = PhoneRate
	maxRate          = 192000
	maxChannels      = 8
)

var errNoWAV = errors.New("it is no WAV: it does not begin with RIFF and WAVE")

// Decode reads a WAV: PCM of 8, 16, 24 or 32 bits, whose channels are mixed
// into one. A program that streams cannot know the length when it writes the
// header; the lengths that stand for "until the end" are understood, every
// other wrong length is an error.
func Decode(file []byte) (Sound, error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return Sound{}, errNoWAV
	}
	var f *format
	for rest := file[12:]; ; {
		c, after, err := nextChunk(rest)
		switch {
		case err != nil:
			return Sound{}, err
		case c.id == "fmt " && f != nil:
			return Sound{}, errors.New("the WAV has two formats")
		case c.id == "fmt ":
			if f, err = parseFormat(c.body); err != nil {
				return Sound{}, err
			}
		case c.id == "data" && f == nil:
			return Sound{}, errors.New("the WAV has samples before it says their format")
		case c.id == "data":
			return f.sound(c.body)
		}
		rest = after
	}
}

// A chunk is a named part of a WAV.
type chunk struct {
	id   string
	body []byte
}

// nextChunk reads one. Chunks begin at even places.
func nextChunk(b []byte) (c chunk, rest []byte, err error) {
	if len(b) < 8 {
		return chunk{}, nil, errors.New("the WAV ends before its samples")
	}
	c.id = string(b[:4])
	size := uint64(binary.LittleEndian.Uint32(b[4:]))
	b = b[8:]
	if c.id == "data" && isEndless(size) {
		size = min(size, uint64(len(b)))
	}
	if size > uint64(len(b)) {
		return chunk{}, nil, fmt.Errorf("the WAV's part %q has %d of its %d bytes", c.id, len(b), size)
	}
	c.body = b[:size]
	return c, b[min(size+size%2, uint64(len(b))):], nil
}

// isEndless tells lengths that streaming programs write: about the highest
// with a sign (espeak-ng, sox) and the highest without one (ffmpeg).
func isEndless(size uint64) bool { return size >= 0x7FFF0000 }

// A format says how samples are written.
type format struct {
	channels, rate, bytes int // bytes of one sample
}

func parseFormat(b []byte) (*format, error) {
	if len(b) < 16 {
		return nil, errors.New("the WAV's format is cut off")
	}
	le := binary.LittleEndian
	code, bits := le.Uint16(b), int(le.Uint16(b[14:]))
	f := &format{channels: int(le.Uint16(b[2:])), rate: int(le.Uint32(b[4:])), bytes: bits / 8}
	if code == formatExtensible && len(b) >= 40 {
		code = le.Uint16(b[24:])
	}
	switch {
	case code != formatPCM:
		return nil, fmt.Errorf("the WAV's format is %#x; make the program write PCM, which is 1", code)
	case f.channels < 1 || f.channels > maxChannels:
		return nil, fmt.Errorf("the WAV has %d channels, at most %d can be mixed", f.channels, maxChannels)
	case f.rate < minRate || f.rate > maxRate:
		return nil, fmt.Errorf("the WAV has %d samples a second; it must be %d to %d", f.rate, minRate, maxRate)
	case bits != 8 && bits != 16 && bits != 24 && bits != 32:
		return nil, fmt.Errorf("the WAV has %d bits a sample; it must be 8, 16, 24 or 32", bits)
	case int(le.Uint16(b[12:])) != f.channels*f.bytes:
		return nil, fmt.Errorf("the WAV says that %d samples of %d bits are %d bytes", f.channels, bits, le.Uint16(b[12:]))
	}
	return f, nil
}

// sound mixes the channels. A last moment that is cut off is left out.
func (f *format) sound(b []byte) (Sound, error) {
	n := len(b) / (f.bytes * f.channels)
	if n == 0 {
		return Sound{}, errors.New("the WAV has no samples")
	}
	out := make([]float64, n)
	for i := range out {
		for range f.channels {
			out[i] += sample(b[:f.bytes])
			b = b[f.bytes:]
		}
		out[i] /= float64(f.channels)
	}
	return Sound{Rate: f.rate, Samples: out}, nil
}

// sample reads one. Those of 8 bits have no sign, all others have.
func sample(b []byte) float64 {
	if len(b) == 1 {
		return (float64(b[0]) - 128) / 128
	}
	var v uint32
	for i, x := range b {
		v |= uint32(x) << (8 * (4 - len(b) + i))
	}
	return float64(int32(v)) / (1 << 31)
}
