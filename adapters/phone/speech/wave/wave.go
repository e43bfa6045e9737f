// Package wave reads WAV files and makes of them what Asterisk plays on every
// line: 8 kHz, mono, 16 bit.
//
// Decode reads strictly, because a file comes from a program that read a
// stranger's text; Sound.Phone changes the rate and keeps the loudness in
// bounds; Sound.Encode gives the bytes of a file.
package wave

import (
	"encoding/binary"
	"time"
)

// PhoneRate is the sampling rate of a telephone line, in Hz.
const PhoneRate = 8000

// A Sound is samples of one channel, between -1 and 1.
type Sound struct {
	Rate    int // samples a second
	Samples []float64
}

// Duration is how long it sounds.
func (s Sound) Duration() time.Duration {
	return time.Duration(float64(len(s.Samples)) / float64(s.Rate) * float64(time.Second))
}

// headerSize is what Encode writes before the samples.
const headerSize = 44

// Encode gives a WAV of 16 bits a sample. What is louder than full scale is
// clipped; Phone leaves nothing that is.
func (s Sound) Encode() []byte {
	size := 2 * len(s.Samples)
	out := make([]byte, 0, headerSize+size)
	le := binary.LittleEndian
	out = append(out, "RIFF"...)
	out = le.AppendUint32(out, uint32(headerSize-8+size))
	out = append(out, "WAVEfmt "...)
	out = le.AppendUint32(out, 16)
	out = le.AppendUint16(out, formatPCM)
	out = le.AppendUint16(out, 1) // channel
	out = le.AppendUint32(out, uint32(s.Rate))
	out = le.AppendUint32(out, uint32(2*s.Rate)) // bytes a second
	out = le.AppendUint16(out, 2)                // bytes for each moment
	out = le.AppendUint16(out, 16)               // bits a sample
	out = append(out, "data"...)
	out = le.AppendUint32(out, uint32(size))
	for _, v := range s.Samples {
		out = le.AppendUint16(out, uint16(int16(max(-1, min(v, 1))*fullScale)))
	}
	return out
}

// fullScale is the loudest sample of 16 bits.
const fullScale = 1<<15 - 1
