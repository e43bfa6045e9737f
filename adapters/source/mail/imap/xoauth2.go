package imap

import "fmt"

// xoauth2 is how Microsoft and, besides OAUTHBEARER, Google take OAuth2
// tokens.
const xoauth2 = "XOAUTH2"

type xoauth2Client struct {
	user, token string
	said        string // by the server, when it refuses
}

// Start implements sasl.Client.
func (c *xoauth2Client) Start() (mech string, ir []byte, err error) {
	return xoauth2, fmt.Appendf(nil, "user=%s\x01auth=Bearer %s\x01\x01", c.user, c.token), nil
}

// Next is asked only when the token was refused: the challenge says why, and
// an empty answer lets the server end it.
func (c *xoauth2Client) Next(challenge []byte) ([]byte, error) {
	c.said = string(challenge)
	return []byte{}, nil
}
