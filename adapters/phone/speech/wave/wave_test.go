package wave

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// tone is a fifth of a second of one frequency.
func tone(rate int, hz, loud float64) Sound {
	out := make([]float64, rate/5)
	for i := range out {
		out[i] = loud * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))
	}
	return Sound{Rate: rate, Samples: out}
}

// level is how loud a frequency is in a sound, in dB of a full sine. The
// first and last tenth, where the sound begins and ends, are left out.
func level(s Sound, hz float64) float64 {
	from, to := len(s.Samples)/10, len(s.Samples)*9/10
	var re, im, sum float64
	for i := from; i < to; i++ {
		x := float64(i-from) / float64(to-from)
		window := 0.5 - 0.5*math.Cos(2*math.Pi*x)
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / float64(s.Rate))
		re += s.Samples[i] * window * cos
		im += s.Samples[i] * window * sin
		sum += window
	}
	return 20 * math.Log10(2*math.Hypot(re, im)/sum+1e-12)
}

var rates = []int{8001, 11025, 16000, 22050, 44100, 48000, 192000}

// What a line carries goes through unchanged.
func TestPhonePassesSpeech(t *testing.T) {
	for _, rate := range rates {
		for _, hz := range []float64{100, 300, 1000, 2000, 3000, 3400} {
			if got := level(tone(rate, hz, 0.5).Phone(), hz) - 20*math.Log10(0.5); math.Abs(got) > 0.6 {
				t.Errorf("%d Hz: a tone of %v Hz changes by %.2f dB", rate, hz, got)
			}
		}
	}
}

// What a line cannot carry is gone, and not folded into what it carries.
func TestPhoneStopsTheRest(t *testing.T) {
	for _, rate := range rates {
		for _, hz := range []float64{4050, 4600, 5500, 7000, 9000, 10900, 15000, 23000, 90000} {
			if hz >= float64(rate)/2 {
				continue
			}
			s := tone(rate, hz, 0.5).Phone()
			folded := math.Abs(hz - PhoneRate*math.Round(hz/PhoneRate))
			for _, at := range []float64{folded, 1000} {
				if got := level(s, at); got > -65 {
					t.Errorf("%d Hz: a tone of %v Hz is heard at %v Hz with %.1f dB", rate, hz, at, got)
				}
			}
		}
	}
}

// The kernel and the lines between its places add no tones of their own.
func TestPhoneIsClean(t *testing.T) {
	for _, rate := range rates {
		s := tone(rate, 1000, 0.5).Phone()
		for hz := 200.0; hz < 4000; hz += 200 {
			if got := level(s, hz); hz != 1000 && got > -70 {
				t.Errorf("%d Hz: a tone of 1000 Hz is heard at %v Hz too, with %.1f dB", rate, hz, got)
			}
		}
	}
}

func TestPhoneKeepsTime(t *testing.T) {
	for _, rate := range append(rates, PhoneRate) {
		got := tone(rate, 440, 0.5).Phone()
		if got.Rate != PhoneRate || math.Abs((got.Duration()-200*time.Millisecond).Seconds()) > 0.001 {
			t.Errorf("%d Hz: 200 ms became %s at %d Hz", rate, got.Duration(), got.Rate)
		}
	}
}

func TestPhoneClipsNothing(t *testing.T) {
	square := tone(22050, 700, 1)
	for i, v := range square.Samples {
		square.Samples[i] = math.Copysign(1, v)
	}
	got := square.Phone()
	if peak := slices.Max(got.Samples); math.Abs(peak-loudest) > 0.01 {
		t.Errorf("its peak is %v", peak)
	}
	if soft := tone(22050, 700, 0.3).Phone(); math.Abs(slices.Max(soft.Samples)-0.3) > 0.01 {
		t.Errorf("a soft sound changed to %v", slices.Max(soft.Samples))
	}
}

func TestTrim(t *testing.T) {
	quiet := make([]float64, 8000)
	s := Sound{Rate: 8000, Samples: slices.Concat(quiet, tone(8000, 440, 0.5).Samples, quiet)}
	if got := s.Trim(0.1).Duration(); math.Abs(got.Seconds()-0.4) > 0.01 {
		t.Errorf("0.2 s with 0.1 s on each side last %s", got)
	}
	if s.Silent() || !(Sound{Rate: 8000, Samples: quiet}).Silent() {
		t.Error("silence is not told from sound")
	}
	if got := (Sound{Rate: 8000, Samples: quiet}).Trim(0.1); len(got.Samples) != 0 {
		t.Errorf("silence keeps %d samples", len(got.Samples))
	}
}

func TestRoundTrip(t *testing.T) {
	want := tone(8000, 440, 0.9)
	got, err := Decode(want.Encode())
	if err != nil || got.Rate != want.Rate || len(got.Samples) != len(want.Samples) {
		t.Fatalf("%d samples at %d Hz, %v", len(got.Samples), got.Rate, err)
	}
	for i := range want.Samples {
		if math.Abs(got.Samples[i]-want.Samples[i]) > 1e-4 {
			t.Fatalf("sample %d is %v, was %v", i, got.Samples[i], want.Samples[i])
		}
	}
}

// wav writes a file of any kind: a part that readers skip, a format, samples.
func wav(code, channels, rate, bits int, declared uint32, samples []byte, extension ...byte) []byte {
	le := binary.LittleEndian
	out := append([]byte("RIFF\xff\xff\xff\xffWAVE"), "LIST\x03\x00\x00\x00abc\x00fmt "...)
	out = le.AppendUint32(out, uint32(16+len(extension)))
	out = le.AppendUint16(out, uint16(code))
	out = le.AppendUint16(out, uint16(channels))
	out = le.AppendUint32(out, uint32(rate))
	out = le.AppendUint32(out, uint32(rate*channels*bits/8))
	out = le.AppendUint16(out, uint16(channels*bits/8))
	out = le.AppendUint16(out, uint16(bits))
	out = append(out, extension...)
	out = append(out, "data"...)
	return append(le.AppendUint32(out, declared), samples...)
}

func TestDecode(t *testing.T) {
	extensible := slices.Concat([]byte{22, 0, 16, 0, 4, 0, 0, 0}, []byte{1, 0}, make([]byte, 14))
	for _, c := range []struct {
		name string
		file []byte
		want []float64
	}{
		{"16 bits", wav(1, 1, 22050, 16, 4, []byte{0, 0x40, 0, 0xC0}), []float64{0.5, -0.5}},
		{"8 bits", wav(1, 1, 8000, 8, 3, []byte{128, 192, 0}), []float64{0, 0.5, -1}},
		{"24 bits", wav(1, 1, 48000, 24, 3, []byte{0, 0, 0x40}), []float64{0.5}},
		{"32 bits", wav(1, 1, 48000, 32, 4, []byte{0, 0, 0, 0xC0}), []float64{-0.5}},
		{"two channels", wav(1, 2, 44100, 16, 4, []byte{0, 0x40, 0, 0}), []float64{0.25}},
		{"extensible", wav(0xFFFE, 1, 44100, 16, 2, []byte{0, 0x40}, extensible...), []float64{0.5}},
		{"streamed", wav(1, 1, 22050, 16, 0x7ffff000, []byte{0, 0x40}), []float64{0.5}},
		{"streamed without a sign", wav(1, 1, 22050, 16, 0xffffffff, []byte{0, 0x40}), []float64{0.5}},
		{"half a sample more", wav(1, 1, 22050, 16, 3, []byte{0, 0x40, 1}), []float64{0.5}},
		{"something after it", append(wav(1, 1, 22050, 16, 2, []byte{0, 0x40}), "LIST"...), []float64{0.5}},
	} {
		got, err := Decode(c.file)
		if err != nil || !slices.Equal(got.Samples, c.want) {
			t.Errorf("%s: got %v, %v", c.name, got.Samples, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := wav(1, 1, 22050, 16, 4, []byte{0, 0x40, 0, 0xC0})
	twice := slices.Concat(good[:12], good[24:48], good[24:])
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"nothing", "no WAV", nil},
		{"text", "no WAV", []byte("espeak-ng: no such voice\n")},
		{"cut in the header", "ends before", good[:16]},
		{"cut in the format", "of its", good[:40]},
		{"cut in the samples", "2 of its 4 bytes", good[:len(good)-2]},
		{"no samples", "no samples", wav(1, 1, 22050, 16, 0, nil)},
		{"less than a sample", "no samples", wav(1, 1, 22050, 16, 1, []byte{1})},
		{"a part that never ends", "of its", append([]byte("RIFF....WAVELIST"), 0xff, 0xff, 0xff, 0xff, 0)},
		{"samples before the format", "before it says", append([]byte("RIFF....WAVEdata"), 2, 0, 0, 0, 1, 1)},
		{"a short format", "cut off", append([]byte("RIFF....WAVEfmt "), 2, 0, 0, 0, 1, 0)},
		{"two formats", "two formats", twice},
		{"mu-law", "0x7", wav(7, 1, 8000, 8, 1, []byte{1})},
		{"floating point", "0x3", wav(3, 1, 48000, 32, 4, []byte{0, 0, 0, 0})},
		{"no channel", "0 channels", wav(1, 0, 8000, 16, 2, []byte{1, 1})},
		{"many channels", "channels", wav(1, 65535, 8000, 16, 2, []byte{1, 1})},
		{"rate 0", "0 samples a second", wav(1, 1, 0, 16, 2, []byte{1, 1})},
		{"a high rate", "samples a second", wav(1, 1, 1<<31-1, 16, 2, []byte{1, 1})},
		{"12 bits", "12 bits", wav(1, 1, 8000, 12, 2, []byte{1, 1})},
		{"0 bits", "0 bits", wav(1, 1, 8000, 0, 2, []byte{1, 1})},
	} {
		if _, err := Decode(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(wav(1, 1, 22050, 16, 4, []byte{0, 0x40, 0, 0xC0}))
	f.Add(wav(1, 2, 48000, 24, 0xffffffff, make([]byte, 60)))
	f.Add(wav(0xFFFE, 8, 192000, 8, 8, make([]byte, 8), make([]byte, 24)...))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := Decode(file)
		if err != nil {
			return
		}
		if len(s.Samples) == 0 || len(s.Samples) > len(file) || s.Rate < minRate || s.Rate > maxRate {
			t.Fatalf("%d samples at %d Hz of %d bytes", len(s.Samples), s.Rate, len(file))
		}
		if len(s.Samples) > 5000 {
			return
		}
		again, err := Decode(s.Phone().Encode())
		if len(s.Samples) > maxRate/PhoneRate && (err != nil || again.Rate != PhoneRate) {
			t.Fatalf("what it became is not read: %d Hz, %v", again.Rate, err)
		}
	})
}

func BenchmarkPhone(b *testing.B) {
	s := tone(22050, 440, 0.5)
	for b.Loop() {
		s.Phone()
	}
}

// TestVoiced: only what lasts counts as somebody's voice.
func TestVoiced(t *testing.T) {
	tone := func(level float64, n int) (out []float64) {
		for i := range n {
			out = append(out, level*float64(1-2*(i%2)))
		}
		return out
	}
	for name, c := range map[string]struct {
		samples []float64
		want    time.Duration
	}{
		"nothing":        {nil, 0},
		"silence":        {make([]float64, 8000), 0},
		"noise":          {tone(0.005, 8000), 0},
		"a voice":        {tone(0.1, 8000), time.Second},
		"half a voice":   {append(make([]float64, 4000), tone(0.1, 4000)...), time.Second / 2},
		"clicks":         {append(tone(0.3, 2), make([]float64, 7998)...), 0},
		"a cut-off rest": {tone(0.1, 8001), time.Second + 20*time.Millisecond},
	} {
		if got := (Sound{Rate: PhoneRate, Samples: c.samples}).Voiced(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
