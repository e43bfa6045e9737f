package web

import "net/http"

// playRecording answers with the WAV itself, which browsers play. A part of
// it may be asked for, as they do for jumping ahead.
func (s *Server) playRecording(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	recording, at, err := s.cfg.Recordings.Recording(r.Context(), id)
	if err != nil {
		s.fail(w, r, s.newPage(r, ""), err)
		return
	}
	defer recording.Close()
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Content-Disposition", `inline; filename="`+fileName(id)+`.wav"`)
	http.ServeContent(w, r, "", at, recording)
}

// fileName is an id as the name of a file on the reader's machine.
func fileName(id string) string {
	name := []byte(id)
	for i, c := range name {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			name[i] = '-'
		}
	}
	return string(name)
}
