package wave

import (
	"math"
	"slices"
	"time"
)

// What the low-pass before the telephone's rate is like. Speech on a line
// ends at 3.4 kHz; what lies above 4 kHz would be folded into it.
const (
	crossings = 32        // of zero, on each side of the kernel: how steep it is
	fineness  = 256       // places between two crossings that are worked out; lines join them
	beta      = 7.0       // of Kaiser's window: what is stopped is 70 dB down
	passed    = 0.93      // where it begins to fall, of half the lower rate
	loudest   = 0.89      // peaks are brought down to this, a dB below full scale
	whisper   = 1.0 / 512 // what is softer counts as silence
)

// What is somebody's voice on a line, by the defaults of Asterisk's dsp.conf.
const (
	momentsASecond = 50
	voice          = 256.0 / 32768 // the mean of a moment
)

// Phone gives the sound at the telephone's rate. One that is too loud is made
// softer as a whole, so nothing is clipped.
func (s Sound) Phone() Sound {
	out := s.at(PhoneRate)
	peak := 0.0
	for _, v := range out.Samples {
		peak = max(peak, math.Abs(v))
	}
	if peak > loudest {
		for i := range out.Samples {
			out.Samples[i] *= loudest / peak
		}
	}
	return out
}

// Silent tells whether nothing can be heard.
func (s Sound) Silent() bool {
	for _, v := range s.Samples {
		if math.Abs(v) >= whisper {
			return false
		}
	}
	return true
}

// Trim leaves out silence before and after, but for so much of a second.
func (s Sound) Trim(edge float64) Sound {
	first, last := len(s.Samples), -1
	for i, v := range s.Samples {
		if math.Abs(v) >= whisper {
			first, last = min(first, i), i
		}
	}
	keep := int(edge * float64(s.Rate))
	from, to := max(first-keep, 0), min(last+1+keep, len(s.Samples))
	if last < 0 {
		from, to = 0, 0
	}
	return Sound{Rate: s.Rate, Samples: s.Samples[from:to]}
}

// Voiced is for how long somebody can be heard, measured as Asterisk measures
// silence: by the mean of each moment, so that a click is none.
func (s Sound) Voiced() time.Duration {
	size, loud := max(1, s.Rate/momentsASecond), 0
	for moment := range slices.Chunk(s.Samples, size) {
		sum := 0.0
		for _, v := range moment {
			sum += math.Abs(v)
		}
		if sum/float64(len(moment)) >= voice {
			loud++
		}
	}
	return time.Duration(loud) * time.Second / momentsASecond
}

// at resamples: every new sample is the sum of the old ones around it under a
// kernel that passes what both rates can hold.
func (s Sound) at(rate int) Sound {
	if s.Rate == rate {
		return Sound{Rate: rate, Samples: append([]float64(nil), s.Samples...)}
	}
	k := newKernel()
	step := float64(s.Rate) / float64(rate)
	density := passed * min(1, 1/step) // crossings for each old sample
	reach := crossings / density
	out := make([]float64, int(float64(len(s.Samples))/step))
	for i := range out {
		middle := float64(i) * step
		sum := 0.0
		for j := max(0, int(math.Ceil(middle-reach))); j < len(s.Samples) && float64(j) <= middle+reach; j++ {
			sum += s.Samples[j] * k.at((float64(j)-middle)*density)
		}
		out[i] = sum * density
	}
	return Sound{Rate: rate, Samples: out}
}

// A kernel is one side of a windowed sinc, worked out finely.
type kernel []float64

func newKernel() kernel {
	k := make(kernel, crossings*fineness+2)
	for i := range k {
		x := float64(i) / fineness
		inside := max(0, 1-(x/crossings)*(x/crossings))
		k[i] = bessel(beta*math.Sqrt(inside)) / bessel(beta)
		if x > 0 {
			k[i] *= math.Sin(math.Pi*x) / (math.Pi * x)
		}
	}
	return k
}

// at reads the kernel at x crossings from its middle.
func (k kernel) at(x float64) float64 {
	place := math.Abs(x) * fineness
	i := int(place)
	if i+1 >= len(k) {
		return 0
	}
	part := place - float64(i)
	return k[i]*(1-part) + k[i+1]*part
}

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for n := 1.0; term > sum*1e-12; n++ {
		term *= (x / 2 / n) * (x / 2 / n)
		sum += term
	}
	return sum
}
