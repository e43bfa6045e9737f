package command

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testVoice writes a voice for open_jtalk: a small one of our own, because
// Debian's own archive has none that is free. It has the vowels and a hum
// for all else, which is enough to hear that open_jtalk read its dictionary,
// made phonemes and spoke them in order.
//
// The form is HTS 1.0: lines that say what is where, then decision trees that
// choose a distribution by the phoneme, and the distributions: of durations,
// of cepstra, and of the pitch. Each phoneme has one state.
func testVoice(t testing.TB) string {
	t.Helper()
	var data bytes.Buffer
	var position strings.Builder
	put := func(name string, part []byte) {
		fmt.Fprintf(&position, "%s:%d-%d\n", name, data.Len(), data.Len()+len(part)-1)
		data.Write(part)
	}
	put("DURATION_PDF", distributions(func(p phoneme) []float64 { return []float64{p.frames, 1} }))
	put("DURATION_TREE", tree("dur"))
	put("STREAM_WIN[MCP]", []byte("1 1.0\n"))
	put("STREAM_WIN[LF0]", []byte("1 1.0\n"))
	put("STREAM_PDF[MCP]", distributions(func(p phoneme) []float64 { return append(p.cepstrum(), variances(order)...) }))
	put("STREAM_PDF[LF0]", distributions(func(p phoneme) []float64 { return []float64{math.Log(120), 0.01, p.voiced} }))
	put("STREAM_TREE[MCP]", tree("mcep"))
	put("STREAM_TREE[LF0]", tree("lf0"))
	path := filepath.Join(t.TempDir(), "test.htsvoice")
	file := voiceHead + "[POSITION]\n" + position.String() + "[DATA]\n" + data.String()
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const voiceHead = `[GLOBAL]
HTS_VOICE_VERSION:1.0
SAMPLING_FREQUENCY:16000
FRAME_PERIOD:80
NUM_STATES:1
NUM_STREAMS:2
STREAM_TYPE:MCP,LF0
FULLCONTEXT_FORMAT:HTS_TTS_JPN
FULLCONTEXT_VERSION:1.0
GV_OFF_CONTEXT:
COMMENT:
[STREAM]
VECTOR_LENGTH[MCP]:40
VECTOR_LENGTH[LF0]:1
NUM_WINDOWS[MCP]:1
NUM_WINDOWS[LF0]:1
IS_MSD[MCP]:0
IS_MSD[LF0]:1
USE_GV[MCP]:0
USE_GV[LF0]:0
OPTION[MCP]:ALPHA=0.0
OPTION[LF0]:
`

const order = 40 // numbers of a cepstrum

// A phoneme is how one sounds: how long, in frames of 5 ms, how loud, whether
// with a voice, and the frequencies that its mouth lets through.
type phoneme struct {
	name                   string
	frames, gain, voiced   float64
	first, second, highest float64
}

// phonemes ends with the one that stands for all that are not named.
var phonemes = []phoneme{
	{"a", 18, 2, 1, 750, 1200, 2600}, {"i", 16, 4, 1, 300, 2300, 3000}, {"u", 16, 3, 1, 350, 1300, 2400},
	{"e", 18, 2, 1, 500, 1900, 2600}, {"o", 18, 2, 1, 480, 850, 2600}, {"sil", 20, -20, 0, 500, 1500, 2500},
	{"pau", 40, -20, 0, 500, 1500, 2500}, {"", 10, 0, 1, 280, 1000, 2200},
}

// cepstrum is that of a filter with three resonances, in closed form.
func (p phoneme) cepstrum() []float64 {
	out := []float64{p.gain}
	for n := 1.0; n < order; n++ {
		sum := 0.0
		for _, hz := range []float64{p.first, p.second, p.highest} {
			sum += 2 / n * math.Pow(0.96, n) * math.Cos(2*math.Pi*hz/16000*n)
		}
		out = append(out, sum)
	}
	return out
}

func variances(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 0.01
	}
	return out
}

func distributions(of func(phoneme) []float64) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(phonemes)))
	for _, p := range phonemes {
		for _, v := range of(p) {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(v)))
		}
	}
	return out
}

// tree asks for one phoneme after the other.
func tree(kind string) []byte {
	var questions, nodes strings.Builder
	last := len(phonemes) - 1
	for i, p := range phonemes[:last] {
		fmt.Fprintf(&questions, "QS is-%s { \"*-%s+*\" }\n", p.name, p.name)
		no := fmt.Sprint(-(i + 1))
		if i == last-1 {
			no = fmt.Sprintf("%q", fmt.Sprintf("%s_s2_%d", kind, last+1))
		}
		fmt.Fprintf(&nodes, "%d is-%s %s \"%s_s2_%d\"\n", -i, p.name, no, kind, i+1)
	}
	return []byte(questions.String() + "\n{*}[2]\n{\n" + nodes.String() + "}\n\n")
}
