package main

import (
	"io"

	"tebiki/adapters/source"
)

type zabbixCmd struct {
	MediaType mediaTypeCmd `cmd:"" name:"mediatype" help:"Print the media type, to be imported in Zabbix under Alerts, Media types."`
}

type mediaTypeCmd struct{}

// Run prints it.
func (mediaTypeCmd) Run(w world) error {
	_, err := io.WriteString(w.out, source.ZabbixMediaType)
	return err
}
