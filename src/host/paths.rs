//! The paths that more than one file names. All are below the root.

/// The operator's documents.
pub const CONFIG: &str = "/persistent/config";
/// The identity files: host keys, `authorized_keys`, `machine-id`.
pub const IDENTITY: &str = "/persistent/config/identity";
/// Data that outlives a boot: a directory or a mount that exists before IMP runs.
pub const DATA: &str = "/persistent/data";
/// Our own records below it, for root alone.
pub const RECORDS: &str = "/persistent/data/imp";

/// The state of this boot, in memory.
pub const RUN: &str = "/run/imp";
/// The generation this boot runs.
pub const GENERATION: &str = "/run/imp/generation";
/// The generations that are kept.
pub const GENERATIONS: &str = "/persistent/data/imp/generations";
/// The plan that wrote the rendered files.
pub const PLAN: &str = "/run/imp/plan.json";
/// The NICs and CPUs `imp-nic` found.
pub const BINDINGS: &str = "/run/imp/bindings.json";
/// The frr.conf that FRR is started with.
pub const FRR_CONF: &str = "/run/imp/frr/frr.conf";
/// The daemons of FRR to start, and how watchfrr starts them.
pub const FRR_DAEMONS: &str = "/run/imp/frr/daemons";
/// The hash of a frr.conf that needs no further check, in the format of `sha256sum -c`; frr.service reads it.
pub const FRR_ASKED: &str = "/run/imp/frr.asked";
/// The rules of the packet filter.
pub const NFTABLES: &str = "/run/imp/nftables.conf";
/// The resolver configuration, if there is one.
pub const RESOLV_CONF: &str = "/run/imp/resolv.conf";
/// The servers of systemd-timesyncd (timesyncd.conf(5)).
pub const TIMESYNCD: &str = "/run/systemd/timesyncd.conf.d/50-imp.conf";
/// The servers of chrony: Debian's chrony.conf reads this directory, named for what else writes to it.
pub const CHRONY: &str = "/run/chrony-dhcp/imp.sources";
/// Where rsyslog sends the log; the package's file in `/etc/rsyslog.d` reads it.
pub const RSYSLOG: &str = "/run/imp/rsyslog.conf";
/// What a console shows before the login, bound over `/etc/issue`: agetty of bookworm does not look below `/run`.
pub const ISSUE: &str = "/run/imp/issue";
/// What pam_motd(8) shows after the login.
pub const BANNER: &str = "/run/motd.d/50-imp";
/// The records of `[users]`; `/run/userdb` has a link to each.
pub const USERDB: &str = "/run/imp/userdb";
/// Where systemd looks for records of users and groups (nss-systemd(8)); others write there too.
pub const SYSTEM_USERDB: &str = "/run/userdb";
/// The keys of `[users]`, a file each; `/usr/lib/imp/authorized-keys` shows sshd one of them.
pub const AUTHORIZED_KEYS: &str = "/run/imp/authorized-keys";
/// The configuration of snmpd, alone in its directory.
pub const SNMPD_CONF: &str = "/run/imp/snmp/snmpd.conf";
/// What the unit of snmpd sets, so that it reads ours instead of the image's.
pub const SNMPD: &str = "/run/imp/snmpd.env";
/// The configuration of hsflowd.
pub const HSFLOWD: &str = "/run/imp/hsflowd.conf";
/// The arguments of prometheus-node-exporter.
pub const NODE_EXPORTER: &str = "/run/imp/node-exporter.env";
/// The arguments of prometheus-frr-exporter.
pub const FRR_EXPORTER: &str = "/run/imp/frr-exporter.env";
/// What programs take the time zone from (localtime(5)).
pub const LOCALTIME: &str = "/etc/localtime";
/// The time zones of the image.
pub const ZONES: &str = "/usr/share/zoneinfo";
/// The time zone of the documents that is bound there.
pub const TIMEZONE: &str = "/run/imp/timezone";
/// What the settings of the kernel were before `[system.sysctl]` changed them.
pub const SYSCTL_BEFORE: &str = "/run/imp/sysctl-before.json";
/// The startup configurations and commands of the VPP instances.
pub const VPP: &str = "/run/imp/vpp";

/// Where namespaces are pinned: where `ip netns` and systemd's `NetworkNamespacePath=` expect them.
pub const NETNS: &str = "/run/netns";
/// The link through which units find the dataplane's namespace: a unit file cannot hold a name from the TOML.
pub const NETNS_LINK: &str = "/run/imp/netns";
/// The directory of VPP's sockets and PID files.
pub const VPP_RUN: &str = "/run/vpp";
/// The kernel's count of 2 MB hugepages, even if its default size is another.
pub const HUGEPAGES: &str = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

/// One directory per network device, with its attributes.
pub const NET_DEVICES: &str = "/sys/class/net";
/// The PCI bus: `devices` and `drivers` are below it.
pub const PCI_BUS: &str = "/sys/bus/pci";
/// One directory per module that is in the running kernel.
pub const MODULES: &str = "/sys/module";
/// Where the modules of each kernel are installed, in a directory named for its release.
pub const INSTALLED_MODULES: &str = "/lib/modules";
/// The release of the running kernel.
pub const KERNEL_RELEASE: &str = "/proc/sys/kernel/osrelease";

/// The ID of the machine (machine-id(5)).
pub const MACHINE_ID: &str = "/etc/machine-id";
/// The users of the image (passwd(5)).
pub const PASSWD: &str = "/etc/passwd";
/// The groups of the image (group(5)).
pub const GROUP: &str = "/etc/group";
/// The settings of the kernel.
pub const SYSCTL: &str = "/proc/sys";

/// The path as rendered files are named: without the leading slash.
pub fn relative(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// The socket of an instance's binary API.
pub fn vpp_api(instance: &str) -> String {
    format!("{VPP_RUN}/{instance}-api.sock")
}
