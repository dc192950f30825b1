// The control plane of a test cluster in one program: each subcommand is the unmodified upstream
// entry point of that component, linked as an ordinary dependency. tests/kube/testbed.py starts
// them; the versions stand in go.mod.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // time zones of CronJobs, as upstream's own mains

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

const usage = `usage: control-plane COMPONENT FLAGS
components: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	component := os.Args[1]
	os.Args = os.Args[1:] // each component parses what follows its own name
	switch component {
	case "etcd":
		os.Exit(run(etcdCommand()))
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kwok":
		os.Exit(run(kwokCommand()))
	}
	fmt.Fprintf(os.Stderr, "%s is not a component\n%s\n", component, usage)
	os.Exit(2)
}

// run executes the commands that bring their own logging, where cli.Run would add its flags.
func run(command *cobra.Command, err error) int {
	if err == nil {
		err = command.Execute()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
