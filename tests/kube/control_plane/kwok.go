package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"sigs.k8s.io/kwok/pkg/config"
	"sigs.k8s.io/kwok/pkg/kwok/cmd"
	"sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

// kwokCommand plays the kubelets of nodes that do not exist, as kwok's own main does it: its
// configuration is read ahead of the command, from the same arguments.
func kwokCommand() (*cobra.Command, error) {
	// Kubernetes registers --version on the one global set while loading, and kwok has its own.
	pflag.CommandLine = pflag.NewFlagSet("kwok", pflag.ContinueOnError)

	early := pflag.NewFlagSet("global", pflag.ContinueOnError)
	early.ParseErrorsAllowlist.UnknownFlags = true
	early.Usage = func() {}
	ctx, _ := log.InitFlags(signals.SetupSignalContext(), early)
	ctx, err := config.InitFlags(ctx, early)
	if err != nil {
		return nil, err
	}
	command := cmd.NewCommand(ctx)
	command.SetContext(ctx)
	command.PersistentFlags().AddFlagSet(early)
	return command, nil
}
