package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
)

// apiAudit gives a piece of the audit log, and where the next begins.
func (s *Server) apiAudit(r *http.Request) (any, error) {
	if s.cfg.Audit == nil {
		return nil, &problem{status: http.StatusNotFound, What: "this server keeps no audit log"}
	}
	q := r.URL.Query()
	after, err := strconv.ParseUint(cmp.Or(q.Get("after"), "0"), 10, 64)
	if err != nil {
		return nil, badQuery("after", "want the number of a record, or leave it out")
	}
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), strconv.Itoa(apiDefaultLimit)))
	if err != nil || limit < 1 || limit > apiMaxLimit {
		return nil, badQuery("limit", fmt.Sprintf("want a number from 1 to %d", apiMaxLimit))
	}
	records, err := s.cfg.Audit.After(r.Context(), after, limit)
	out := auditJSON{Records: []auditRecordJSON{}, Next: after}
	for _, rec := range records {
		out.Records = append(out.Records, toAuditJSON(rec))
		out.Next = rec.Number
	}
	return out, err
}

// apiChecks tells how often each check was run.
func (s *Server) apiChecks(r *http.Request) (any, error) {
	if s.cfg.Audit == nil {
		return nil, &problem{status: http.StatusNotFound, What: "this server keeps no audit log"}
	}
	tallies, err := s.cfg.Audit.Tallies(r.Context())
	out := checksJSON{Checks: map[string]tallyJSON{}}
	for name, t := range tallies {
		out.Checks[name] = tallyJSON(t)
	}
	return out, err
}
