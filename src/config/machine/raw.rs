//! What the document says of the machine: every key of `[system]`, `[identity]`, `[[bind]]`, `[management]`,
//! `[firewall]` and `[apply]`.

use crate::config::keys::{Filled, Named, bounded, lasting, table, words};
use crate::config::links::raw::MatchRaw;
use crate::config::machine::firewall::{Protocol, Service};
use crate::config::source::Located;
use crate::types::{
    Banner, HostName, IfAddr, Line, PersonName, Prefix, PublicKey, RelPath, Server, SysctlName, SysctlValue,
    Target, TimeZone, UserName,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

table! {
    /// The host itself.
    struct SystemRaw {
        /// The host name; FRR and Incus have it too.
        "hostname" => hostname: HostName, required(), example("\"edge1\""), also(&["host-name", "name"]);
        /// The name servers of resolv.conf, three at most.
        "nameservers" => nameservers: Vec<Located<IpAddr>>, example("[\"192.0.2.53\"]"), default("[]"), also(&["name-server", "nameserver", "dns", "dns-servers"]);
        /// The search domains of resolv.conf.
        "search" => search: Vec<Located<HostName>>, example("[\"example.net\"]"), default("[]"), also(&["domain-search", "search-domains", "domain-name", "domain"]);
        /// The servers the clock is set by, for systemd-timesyncd or chrony, whichever the image has.
        "ntp" => ntp: Vec<Located<Server>>, since("0.3.0"), example("[\"192.0.2.123\"]"), otherwise("those of the image"), unordered(), also(&["ntp-server", "ntp-servers", "time-servers", "chrony"]);
        /// Where the log goes, beside the journal; rsyslog sends it.
        "syslog" => syslog: Vec<Located<SyslogRaw>>, since("0.3.0"), example("[{ host = \"192.0.2.51\" }]"), default("[]"), unordered(), also(&["syslog-server", "log-server", "logging", "rsyslog"]);
        /// What whoever logs in has to read: before it on a console, after it everywhere.
        "banner" => banner: Banner, since("0.3.0"), example("\"Authorised use only.\""), otherwise("that of the image"), also(&["motd", "issue", "login-banner", "message"]);
        /// The time zone that logs and clocks show; programs that run already show it when they start anew.
        "timezone" => timezone: TimeZone, since("0.3.0"), example("\"Europe/Berlin\""), otherwise("that of the image"), also(&["time-zone", "tz"]);
        /// Settings of the kernel, by name, for the host namespace.
        "sysctl" => sysctl: Named<SysctlName, SysctlValue>, since("0.3.0"), example("{ \"net.core.rmem_max\" = 8388608 }"), otherwise("those of the image"), also(&["sysctls", "kernel"]);
    }

    /// Somebody who logs in.
    struct UserRaw {
        /// The public keys that let in by SSH.
        "ssh-keys" => ssh_keys: Vec<Located<PublicKey>>, since("0.3.0"), example("[\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPXKcAt9TmRpp4umylcWiR2BJrcelE651DNNbs4ePS+6 alice\"]"), default("[]"), unordered(), also(&["ssh-key", "authorized-keys", "public-keys", "ssh-authorized-keys", "key"]);
        /// A file with the hash of the password, as `mkpasswd -m yescrypt` prints it.
        "password-hash-file" => password_hash_file: RelPath, since("0.3.0"), example("\"secrets/alice\""), otherwise("no password"), secret(), also(&["password", "encrypted-password", "plaintext-password", "password-hash", "hash"]);
        /// The groups of the image that the user is in; `sudo` makes an administrator.
        "groups" => groups: Vec<Located<UserName>>, since("0.3.0"), example("[\"sudo\"]"), default("[]"), unordered(), also(&["group", "class", "role"]);
        /// The name of the person.
        "full-name" => full_name: PersonName, since("0.3.0"), example("\"Alice Example\""), otherwise("none"), also(&["gecos", "real-name", "comment", "description"]);
        /// The program that a login starts.
        "shell" => shell: Target, since("0.3.0"), example("\"/bin/sh\""), default("\"/bin/bash\"");
        /// The number of the user and of the user's own group; files keep it.
        "uid" => uid: Uid, since("0.3.0"), example("2001"), otherwise("a number from 20000 on, made of the name");
    }

    /// SNMP: snmpd answers, where the image has it.
    struct SnmpRaw {
        /// The addresses of the host that it answers on.
        "listen" => listen: Filled<IpAddr>, required(), since("0.3.0"), example("[\"172.16.0.10\"]"), unordered(), also(&["listen-address", "agent-address", "interface"]);
        /// The port.
        "port" => port: Port, since("0.3.0"), example("1161"), default("161");
        /// A file with the community, which may read everything.
        "community-file" => community_file: RelPath, required(), since("0.3.0"), example("\"secrets/snmp\""), secret(), also(&["community", "rocommunity"]);
        /// Who may ask.
        "from" => from: Vec<Located<Prefix>>, since("0.3.0"), example("[\"172.16.0.0/24\"]"), otherwise("from anywhere"), unordered(), also(&["clients", "client", "network", "source"]);
        /// Where the router is.
        "location" => location: Line, since("0.3.0"), example("\"Rack 12\""), otherwise("not said"), also(&["syslocation", "sys-location"]);
        /// Whom to call.
        "contact" => contact: Line, since("0.3.0"), example("\"noc@example.net\""), otherwise("not said"), also(&["syscontact", "sys-contact"]);
    }

    /// The exporters of Prometheus that the image has.
    struct PrometheusRaw {
        /// Where prometheus-node-exporter listens.
        "node-exporter" => node_exporter: SocketAddr, since("0.3.0"), example("\"172.16.0.10:9100\""), otherwise("as the image has it"), also(&["node_exporter", "node"]);
        /// Where prometheus-frr-exporter listens.
        "frr-exporter" => frr_exporter: SocketAddr, since("0.3.0"), example("\"172.16.0.10:9342\""), otherwise("as the image has it"), also(&["frr_exporter", "frr"]);
    }

    /// A server that collects logs.
    struct SyslogRaw {
        /// Its address or name.
        "host" => host: Server, required(), since("0.3.0"), example("\"192.0.2.51\""), also(&["server", "address", "target"]);
        /// Its port.
        "port" => port: Port, since("0.3.0"), example("6514"), default("514");
        /// The protocol.
        "protocol" => protocol: Protocol, since("0.3.0"), example("\"tcp\""), default("\"udp\""), also(&["proto", "transport"]);
    }

    /// Files of this machine that are bound over placeholders in the image.
    struct IdentityRaw {
        /// Further files, beside those with a known name.
        "bind" => bind: Vec<Located<IdentityBindRaw>>, example("[{ source = \"ssh_ca.pub\", target = \"/etc/ssh/ssh_ca.pub\" }]"), default("[]"), unordered();
    }

    /// A file of the identity folder, bound over one of the image.
    struct IdentityBindRaw {
        /// The file, below /persistent/config/identity.
        "source" => source: RelPath, required(), example("\"ssh_ca.pub\"");
        /// The placeholder in the image.
        "target" => target: Target, required(), example("\"/etc/ssh/ssh_ca.pub\"");
    }

    /// A directory of /persistent/data, bound over one of the image.
    struct BindRaw {
        /// The directory, below /persistent/data.
        "source" => source: RelPath, required(), example("\"home\"");
        /// The directory in the image.
        "target" => target: Target, required(), example("\"/home\"");
    }

    /// The NIC that stays in the host namespace; the dataplane never takes it.
    struct ManagementRaw {
        /// How the NIC is recognised.
        "match" => matches: MatchRaw, required(), example("{ pci = \"0000:65:00.0\" }");
        /// Whether DHCP gives it its addresses.
        "dhcp" => dhcp: bool, example("true"), default("false"), also(&["dhcp4"]);
        /// Its fixed addresses.
        "addresses" => addresses: Vec<Located<IfAddr>>, example("[\"172.16.0.10/24\"]"), also(&["address", "ip"]);
        /// The IPv4 default router.
        "gateway" => gateway: Ipv4Addr, example("\"172.16.0.1\""), otherwise("none"), also(&["gateway4"]);
        /// The IPv6 default router.
        "gateway6" => gateway6: Ipv6Addr, example("\"2001:db8::1\""), otherwise("none");
        /// Whether the default routers are on the link although no subnet of `addresses` holds them, since 0.3.
        "onlink" => onlink: bool, example("true"), default("false"), also(&["on-link", "gateway-on-link", "gatewayonlink"]);
    }

    /// Inbound firewall of the host namespace; without this table there are no rules.
    struct FirewallRaw {
        /// What is let in, besides established connections, ICMP, and DHCP and DNS from bridges.
        "allow" => allow: Vec<Located<AllowRaw>>, example("[{ service = \"ssh\", from = [\"172.16.0.0/24\"] }]"), default("[]"), unordered(), also(&["rules", "accept", "permit"]);
    }

    /// Something that is let in.
    struct AllowRaw {
        /// A service, with the port it has.
        "service" => service: Service, example("\"ssh\"");
        /// A destination port.
        "port" => port: Port, example("9100"), also(&["dport", "destination-port"]);
        /// The protocol of `port`.
        "protocol" => protocol: Protocol, example("\"tcp\""), also(&["proto"]);
        /// From where.
        "from" => from: Vec<Located<Prefix>>, example("[\"172.16.0.0/24\"]"), otherwise("from anywhere"), unordered(), also(&["source", "saddr", "src"]);
    }

    /// How a change is applied.
    struct ApplyRaw {
        /// How long `impctl apply --confirm` waits for a confirmation.
        "confirm-timeout" => confirm_timeout: ConfirmTimeout, example("\"10m\""), default("\"10m\"");
        /// How many generations are kept.
        "generations" => generations: Generations, example("50"), default("50");
    }
}

bounded! {
    /// A port of TCP or UDP.
    Port(u16) = 1..=65_535, "a port from 1 to 65535";
    /// The number of a user.
    Uid(u32) = 1000..=59_999, "a number from 1000 to 59999";
    /// How many generations are kept.
    Generations(u16) = 1..=1000, "a number from 1 to 1000";
}

lasting! {
    /// How long a change waits for its confirmation.
    ConfirmTimeout = 10..=86_400, "a duration from 10s to 24h";
}

/// What an operator of a router's management types, with the port IANA (or the exporter itself) gives it.
const fn service(protocol: Protocol, port: u16) -> Service {
    Service { protocol, port }
}

words! {
    Protocol { "tcp" => Protocol::Tcp, "udp" => Protocol::Udp }
    Service {
        "ssh" => service(Protocol::Tcp, 22),
        "http" => service(Protocol::Tcp, 80),
        "ntp" => service(Protocol::Udp, 123),
        "snmp" => service(Protocol::Udp, 161),
        "https" => service(Protocol::Tcp, 443),
        "syslog" => service(Protocol::Udp, 514),
        "netconf" => service(Protocol::Tcp, 830),
        "incus" => service(Protocol::Tcp, 8443),
        "node-exporter" => service(Protocol::Tcp, 9100),
    }
}
