package jira

import (
	"context"
	"strings"
	"time"
)

// Whom the roster names by a mail address is searched for before anything is
// read, and remembered: when a profile hides its address later, an issue that
// somebody was given and a comment do not show it, and nobody would know who
// that is.

const (
	atATime   = 30             // searches in one batch; who is left over has their turn in the next
	askAfresh = 24 * time.Hour // addresses are given to others, and profiles opened
)

// meetRoster searches for those of the roster whose turn it is. Whom Jira does
// not have, or does not let us search for, is tried again in a day; the doctor
// says who they are. A search that fails is made again at the next poll, and
// holds up nothing.
func (j *Jira) meetRoster(ctx context.Context, f *facts) error {
	if err := j.loadPeople(ctx); err != nil {
		return err
	}
	for _, mail := range j.people.due(time.Now(), atATime) {
		if _, err := j.byMail(ctx, f, mail); err != nil && !lasting(err) {
			break
		}
		j.people.asked(mail, time.Now())
	}
	return nil
}

// due gives the mail addresses that were not searched for since a day.
func (p *people) due(now time.Time, most int) (mails []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, address := range p.roster {
		if strings.Contains(address, "@") && now.Sub(p.at[address]) >= askAfresh && len(mails) < most {
			mails = append(mails, address)
		}
	}
	return mails
}

func (p *people) asked(mail string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at[mail] = now
}
