package main

import (
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// etcdCommand serves one etcd member over plain HTTP on the loopback addresses that it is given.
// It never waits for the disk: a test cluster does not outlive its machine.
func etcdCommand() (*cobra.Command, error) {
	var directory, client, peer string
	command := &cobra.Command{
		Use:           "etcd",
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(*cobra.Command, []string) error {
			return serveEtcd(directory, client, peer)
		},
	}
	command.Flags().StringVar(&directory, "data-dir", "", "folder of the database")
	command.Flags().StringVar(&client, "client-url", "", "where the API server connects to")
	command.Flags().StringVar(&peer, "peer-url", "", "where other members would connect to")
	return command, nil
}

func serveEtcd(directory, client, peer string) error {
	clientURL, err := url.Parse(client)
	if err != nil {
		return err
	}
	peerURL, err := url.Parse(peer)
	if err != nil {
		return err
	}
	config := embed.NewConfig()
	config.Name = "test"
	config.Dir = directory
	config.ListenClientUrls = []url.URL{*clientURL}
	config.AdvertiseClientUrls = []url.URL{*clientURL}
	config.ListenPeerUrls = []url.URL{*peerURL}
	config.AdvertisePeerUrls = []url.URL{*peerURL}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.LogLevel = "warn"
	config.UnsafeNoFsync = true
	config.WarningUnaryRequestDuration = 300 * time.Millisecond // zero would log every request
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer server.Close()

	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGINT, syscall.SIGTERM)
	select {
	case <-interrupted:
		return nil
	case err := <-server.Err():
		return fmt.Errorf("etcd ended: %w", err)
	}
}
