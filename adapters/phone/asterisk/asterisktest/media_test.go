package asterisktest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWAVLength(t *testing.T) {
	for _, d := range []time.Duration{0, time.Second, 5265 * time.Millisecond, time.Minute} {
		if got, err := wavLength(WAV(d)); got != d || err != nil {
			t.Errorf("a WAV of %v plays %v, %v", d, got, err)
		}
	}
	fast := WAV(time.Second)
	binary.LittleEndian.PutUint32(fast[24:], 44100)
	stereo := WAV(time.Second)
	stereo[22] = 2
	huge := WAV(time.Second)
	binary.LittleEndian.PutUint32(huge[16:], 1<<31)
	for name, b := range map[string][]byte{
		"nothing": nil, "text": []byte("hello, this is no sound"), "head": WAV(time.Second)[:20], "fast": fast, "stereo": stereo, "a huge chunk": huge,
	} {
		if got, err := wavLength(b); err == nil {
			t.Errorf("%s plays %v", name, got)
		}
	}
	half := WAV(2 * time.Second)
	if got, err := wavLength(half[:44+rate*2]); got != time.Second || err != nil {
		t.Errorf("a file that is half written plays %v, %v", got, err)
	}
}

func FuzzWAVLength(f *testing.F) {
	f.Add(WAV(time.Millisecond))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := wavLength(b); d < 0 || err == nil && int64(d) > int64(len(b))*int64(time.Second)/(2*rate) {
			t.Errorf("%d bytes play %v", len(b), d)
		}
	})
}

// reach brings somebody onto the line as the channel x.
func reach(t *testing.T, a *Asterisk, s Script) *client {
	t.Helper()
	c := connect(t, a)
	a.Person("PJSIP/tanaka", s)
	want(t, a, 200, "POST", "/channels", originate("PJSIP/tanaka", "x"))
	c.await("StasisStart", 1)
	return c
}

// playbacks are the events of playbacks in short.
func playbacks(c *client) (short []string) {
	for _, ev := range c.heard() {
		if p, ok := ev["playback"].(map[string]any); ok {
			short = append(short, fmt.Sprint(ev["type"], " ", p["media_uri"], " ", p["state"]))
		}
	}
	return short
}

func TestPlaybackTraps(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{})
		want(t, a, 201, "POST", "/channels/x/play/a", obj{"media": "sound:beep,sound:goodbye"}) // one sound
		want(t, a, 201, "POST", "/channels/x/play/b", obj{"media": "nonsense:1"})
		want(t, a, 201, "POST", "/channels/x/play/c", obj{"media": []string{"recording:none", "number:x", "sound:beep"}})
		want(t, a, 500, "POST", "/channels/x/play/d", obj{})
		want(t, a, 500, "POST", "/channels/x/play?media=sound:beep,,sound:beep", nil)
		c.await("PlaybackFinished", 2)
		wanted := []string{
			"PlaybackStarted sound:beep,sound:goodbye playing", "PlaybackFinished sound:beep,sound:goodbye failed",
			"PlaybackStarted nonsense:1 playing",
			"PlaybackStarted recording:none playing", "PlaybackStarted number:x playing", "PlaybackStarted sound:beep playing", "PlaybackFinished sound:beep done",
		}
		if diff := cmp.Diff(wanted, playbacks(c)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		want(t, a, 404, "GET", "/playbacks/b", nil)
	})
}

func TestStopAndControl(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{})
		want(t, a, 201, "POST", "/channels/x/play/a", obj{"media": "digits:12345678"})
		want(t, a, 201, "POST", "/channels/x/play/b", obj{"media": "sound:beep"})
		want(t, a, 201, "POST", "/channels/x/play/c", obj{"media": "sound:goodbye"})
		c.await("PlaybackStarted", 1)
		want(t, a, 500, "DELETE", "/playbacks/a", nil)                          // digits go on
		want(t, a, 204, "DELETE", "/playbacks/b", nil)                          // it never began
		want(t, a, 409, "POST", "/playbacks/c/control?operation=pause", nil)    // not yet
		want(t, a, 400, "POST", "/playbacks/c/control?operation=louder", nil)   // no such thing
		want(t, a, 404, "POST", "/playbacks/none/control?operation=pause", nil) // nobody's
		begun := time.Now()
		c.await("PlaybackStarted", 2)
		if waited := time.Since(begun); waited < 3*time.Second {
			t.Errorf("the next playback began after %v, in the middle of the digits", waited)
		}
		time.Sleep(500 * time.Millisecond)
		want(t, a, 204, "POST", "/playbacks/c/control?operation=pause", nil)
		time.Sleep(time.Minute)
		if got := want(t, a, 200, "GET", "/playbacks/c", nil); got["state"] != "paused" {
			t.Errorf("%v", got)
		}
		want(t, a, 204, "POST", "/playbacks/c/control?operation=unpause", nil)
		begun = time.Now()
		c.await("PlaybackFinished", 3)
		if left := time.Since(begun); left > 600*time.Millisecond {
			t.Errorf("after the pause it played %v, want the other half second", left)
		}
	})
}

// A file may come while Asterisk runs, and is found by its absolute name.
func TestSoundsFolder(t *testing.T) {
	folder := t.TempDir()
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{})
		want(t, a, 201, "POST", "/channels/x/play/a", obj{"media": "sound:late"})
		c.await("PlaybackFinished", 1)
		if err := os.WriteFile(filepath.Join(folder, "late.wav"), WAV(time.Second), 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, a, 201, "POST", "/channels/x/play/b", obj{"media": "sound:" + folder + "/late"})
		c.await("PlaybackFinished", 2)
		want(t, a, 201, "POST", "/channels/x/play/c", obj{"media": "sound:../../etc/passwd"})
		c.await("PlaybackFinished", 3)
		wanted := []How{Missing, Finished, Missing}
		for i, h := range a.Heard("PJSIP/tanaka") {
			if h.How != wanted[i] {
				t.Errorf("%+v, want it %s", h, wanted[i])
			}
		}
		want(t, a, 200, "GET", "/sounds/late", nil)
		want(t, a, 404, "GET", "/sounds/never", nil)
	}, WithSoundsFolder(folder))
}

func TestRecording(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		s := time.Second
		c := reach(t, a, Script{Then: []Step{
			{After: 5 * s, Say: 3 * s}, {After: s, Key: "5"}, {After: s, Key: "#"}, // the first one
			{After: 10 * s, Say: 4 * s}, // the second one, ended by silence
			{After: 20 * s, Say: s}, {HangUp: true},
		}})
		record := func(status int, name string, more obj) {
			t.Helper()
			body := obj{"name": name, "format": "wav", "maxDurationSeconds": 120, "terminateOn": "#"}
			for k, v := range more {
				body[k] = v
			}
			want(t, a, status, "POST", "/channels/x/record", body)
		}
		record(400, "../evil", nil)
		record(422, "r", obj{"format": "mp3"})
		record(400, "r", obj{"terminateOn": "x"})
		record(201, "one", obj{"beep": true})
		record(409, "one", nil)
		one := c.await("RecordingFinished", 1)["recording"].(map[string]any)
		if one["state"] != "done" || one["duration"].(float64) < 8 || one["duration"].(float64) > 12 {
			t.Errorf("%v", one)
		}
		record(409, "one", nil) // it is kept
		record(201, "one", obj{"ifExists": "overwrite", "maxSilenceSeconds": 5})
		c.await("RecordingFinished", 2)
		record(201, "two", nil)
		c.await("ChannelDestroyed", 1)
		two := c.await("RecordingFinished", 3)["recording"].(map[string]any)
		if two["state"] != "done" {
			t.Errorf("the call ended: %v", two)
		}
		status, sound, err := send(a, master, "GET", "/recordings/stored/two/file", nil)
		if d, bad := wavLength(sound); status != 200 || err != nil || bad != nil || d < s {
			t.Errorf("the file: %d, %v, %v, %v", status, err, d, bad)
		}
		want(t, a, 201, "POST", "/recordings/stored/two/copy?destinationRecordingName=three", nil)
		want(t, a, 409, "POST", "/recordings/stored/two/copy?destinationRecordingName=three", nil)
		want(t, a, 204, "DELETE", "/recordings/stored/two", nil)
		want(t, a, 404, "GET", "/recordings/stored/two", nil)
		if all := a.Stored(); len(all) != 2 || all[0].Name != "one" || all[1].Name != "three" {
			t.Errorf("%d are stored", len(all))
		}
	})
}

func TestLiveRecording(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{})
		for i, end := range []func(){
			func() { want(t, a, 204, "POST", "/recordings/live/r0/stop", nil) },
			func() { want(t, a, 204, "DELETE", "/recordings/live/r1", nil) },
			func() { time.Sleep(10 * time.Second) },
		} {
			name := fmt.Sprint("r", i)
			want(t, a, 201, "POST", "/channels/x/record", obj{"name": name, "format": "wav", "maxDurationSeconds": 8})
			c.await("RecordingStarted", i+1)
			if got := want(t, a, 200, "GET", "/recordings/live/"+name, nil); got["state"] != "recording" {
				t.Errorf("%v", got)
			}
			end()
			c.await("RecordingFinished", i+1)
			want(t, a, 404, "GET", "/recordings/live/"+name, nil)
		}
		if all := a.Stored(); len(all) != 2 {
			t.Errorf("%d are stored, want the one that was stopped and the one that was full", len(all))
		}
	})
}

func TestBridge(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{})
		a.Person("PJSIP/sato", Script{Then: []Step{{After: 10 * time.Second, HangUp: true}}})
		want(t, a, 200, "POST", "/channels", originate("PJSIP/sato", "y"))
		c.await("StasisStart", 2)
		want(t, a, 200, "POST", "/bridges", obj{"bridgeId": "b", "type": "mixing"})
		want(t, a, 400, "POST", "/bridges/b/addChannel", nil)
		want(t, a, 400, "POST", "/bridges/b/addChannel?channel=none", nil)
		want(t, a, 404, "POST", "/bridges/none/addChannel?channel=x", nil)
		want(t, a, 204, "POST", "/bridges/b/addChannel?channel=x,y", nil)
		c.await("ChannelEnteredBridge", 2)
		want(t, a, 201, "POST", "/bridges/b/play?media=sound:beep", nil)
		c.await("PlaybackFinished", 1)
		if diff := cmp.Diff(map[string][]string{"b": {"x", "y"}}, a.Bridged()); diff != "" {
			t.Error(diff)
		}
		c.await("ChannelLeftBridge", 1)
		c.await("ChannelDestroyed", 1)
		want(t, a, 400, "POST", "/bridges/b/removeChannel?channel=y", nil)
	})
}

// A channel does one thing at a time: what comes is queued, and no answer
// waits for it.
func TestOneAtATime(t *testing.T) {
	for seed := range uint64(8) {
		bubble(t, func(t *testing.T, a *Asterisk) {
			c := reach(t, a, Script{})
			want(t, a, 201, "POST", "/channels/x/play/a", obj{"media": "tone:ring"})
			want(t, a, 201, "POST", "/channels/x/record", obj{"name": "r", "format": "wav", "maxDurationSeconds": 3})
			want(t, a, 201, "POST", "/channels/x/play/b", obj{"media": "sound:beep"})
			time.Sleep(time.Minute)
			if c.count("RecordingStarted") != 0 {
				t.Error("it was recorded during the tone")
			}
			want(t, a, 204, "DELETE", "/playbacks/a", nil)
			c.await("RecordingFinished", 1)
			if c.count("PlaybackStarted") != 1 {
				t.Error("it was played during the recording")
			}
			c.await("PlaybackFinished", 2)
		}, WithSeed(seed))
	}
}

// A person may wait for what is said, however long it takes.
func TestHear(t *testing.T) {
	bubble(t, func(t *testing.T, a *Asterisk) {
		c := reach(t, a, Script{Then: []Step{{Hear: "beep", Key: "1"}, {Hear: "beep", After: time.Second, Key: "2"}}})
		for i, media := range []string{"sound:beep", "tone:ring", "sound:goodbye", "sound:beep"} {
			want(t, a, 201, "POST", fmt.Sprint("/channels/x/play/p", i), obj{"media": media})
		}
		if c.await("ChannelDtmfReceived", 1); c.count("PlaybackFinished") != 1 {
			t.Errorf("a key came after %d playbacks", c.count("PlaybackFinished"))
		}
		time.Sleep(time.Hour)
		if n := c.count("ChannelDtmfReceived"); n != 1 {
			t.Errorf("%d keys", n)
		}
		want(t, a, 204, "DELETE", "/playbacks/p1", nil)
		if got := c.await("ChannelDtmfReceived", 2); got["digit"] != "2" || c.count("PlaybackFinished") != 4 {
			t.Errorf("%v", got)
		}
	})
}

// TestSilenceIsCutOff: what is told of a recording of silence, and kept of it,
// is what Asterisk 22.10.1 did in a trial with eighteen seconds of silence,
// and with three seconds of a voice and a hangup.
func TestSilenceIsCutOff(t *testing.T) {
	for name, test := range map[string]struct {
		script      Script
		told        obj
		least, most time.Duration
		loud        bool
	}{
		"silence":               {Script{}, obj{"duration": 1, "talking_duration": 1, "silence_duration": 0}, 200 * time.Millisecond, 200 * time.Millisecond, false},
		"a voice and a hangup":  {Script{Then: []Step{{After: 1500 * time.Millisecond, Say: 3 * time.Second}, {HangUp: true}}}, obj{"duration": 3, "talking_duration": 3, "silence_duration": 0}, 3 * time.Second, 4 * time.Second, true},
		"a voice, then silence": {Script{Then: []Step{{After: 2500 * time.Millisecond, Say: 4 * time.Second}}}, obj{"duration": 6, "talking_duration": 4, "silence_duration": 2}, 5500 * time.Millisecond, 5900 * time.Millisecond, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, a *Asterisk) {
				c := connect(t, a)
				channel := a.Dial("0312345678", test.script).Call().Channel
				c.await("StasisStart", 1)
				want(t, a, 204, "POST", "/channels/"+channel+"/answer", nil)
				want(t, a, 201, "POST", "/channels/"+channel+"/record", obj{"name": "r", "format": "wav", "beep": true, "maxSilenceSeconds": 5})
				got := c.await("RecordingFinished", 1)["recording"].(map[string]any)
				for key, n := range test.told {
					if got[key] != float64(n.(int)) {
						t.Errorf("%s is %v, want %v", key, got[key], n)
					}
				}
				wav := a.Stored()[0].WAV
				if d, err := wavLength(wav); err != nil || d < test.least || d > test.most {
					t.Errorf("%v are kept, %v", d, err)
				}
				if loud := bytes.ContainsFunc(wav[44:], func(r rune) bool { return r != 0 }); loud != test.loud {
					t.Errorf("a voice is in it: %v", loud)
				}
			})
		})
	}
}
