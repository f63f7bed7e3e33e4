//! `[isis]`, and on an interface.

use crate::config::keys::{Named, SwitchOr, bounded, table, words};
use crate::config::routing::isis::{IsisLevel, IsisSource};
use crate::types::{IsisNet, PolicyName, RelPath};

table! {
    /// IS-IS, for IPv4 and IPv6; every router of a level has wide metrics.
    struct IsisRaw {
        /// The network entity title: area, system id and 00.
        "net" => net: IsisNet, required(), since("0.3.0"), example("\"49.0001.1920.0000.2001.00\""), also(&["network-entity-title", "nsap"]);
        /// The levels it takes part in.
        "level" => level: IsisLevel, since("0.3.0"), example("\"level-2-only\""), default("\"level-1-2\""), also(&["is-type", "levels", "level-capability"]);
        /// Whether the default route is announced, while there is one.
        "default-originate" => default_originate: bool, since("0.3.0"), example("true"), default("false"), also(&["default-information", "default-information-originate"]);
        /// Other routes that are announced, by source; in level 2, with level-1 alone in that one.
        "redistribute" => redistribute: Named<IsisSource, IsisRedistributeRaw>, since("0.3.0"), example("{ static = { metric = 20 } }"), also(&["export", "import"]);
        /// Whether other routers avoid the way through this one: drains it.
        "overload" => overload: bool, since("0.3.0"), example("true"), default("false"), also(&["set-overload-bit", "max-metric"]);
        /// Whether adjacencies that come and go are logged.
        "log-adjacency-changes" => log_adjacency_changes: bool, since("0.3.0"), example("false"), default("true"), also(&["log-adjacency"]);
    }

    /// Routes of another origin as IS-IS announces them.
    struct IsisRedistributeRaw {
        /// The route-map that chooses among them; BGP's are not announced without one.
        "route-map" => route_map: PolicyName, since("0.3.0"), example("\"TO-ISIS\""), otherwise("all of them"), also(&["policy", "filter"]);
        /// Their metric.
        "metric" => metric: IsisMetric, since("0.3.0"), example("20"), otherwise("FRR's, 0");
    }

    /// IS-IS on an interface: IPv4 where it has an address of it, and IPv6.
    struct InterfaceIsisRaw {
        /// Whether IPv6 takes part; link-local addresses are enough for it.
        "ipv6" => ipv6: bool, since("0.3.0"), example("true"), otherwise("it does where it has an IPv6 address");
        /// Whether its subnets are announced without sending hellos.
        "passive" => passive: bool, since("0.3.0"), example("true"), default("false"), also(&["passive-interface"]);
        /// The metric of sending over it.
        "metric" => metric: IsisMetric, since("0.3.0"), example("100"), default("10"), also(&["cost"]);
        /// The levels it is in, of those of [isis].
        "level" => level: IsisLevel, since("0.3.0"), example("\"level-2-only\""), otherwise("those of [isis]"), also(&["circuit-type", "circuit-level"]);
        /// Whether two routers share the link and nobody else.
        "point-to-point" => point_to_point: bool, since("0.3.0"), example("true"), default("false"), also(&["network"]);
        /// The time between two hellos.
        "hello-interval" => hello_interval: HelloInterval, since("0.3.0"), example("1"), unit("seconds"), default("3");
        /// After how many missing hellos a neighbour is down.
        "hello-multiplier" => hello_multiplier: HelloMultiplier, since("0.3.0"), example("4"), default("10"), also(&["hold-multiplier"]);
        /// Whether BFD monitors the neighbours; a string names a profile.
        "bfd" => bfd: SwitchOr<PolicyName>, since("0.3.0"), example("true"), default("false"), also(&["bfd-liveness-detection"]);
        /// A file that holds the password of the hellos (MD5); mode 0640 or narrower.
        "password-file" => password_file: RelPath, since("0.3.0"), example("\"secrets/isis\""), otherwise("any router on the link is a neighbour"), secret(), also(&["auth", "password", "hello-authentication-key"]);
    }
}

bounded! {
    /// A wide metric: 24 bits.
    IsisMetric(u32) = 0..=16_777_215, "a metric from 0 to 16777215";
    /// Seconds.
    HelloInterval(u16) = 1..=600, "a number of seconds from 1 to 600";
    /// Hellos.
    HelloMultiplier(u8) = 2..=100, "a number from 2 to 100";
}

words! {
    IsisLevel {
        "level-1" => IsisLevel::One,
        "level-1-2" => IsisLevel::Both,
        "level-2-only" => IsisLevel::Two,
    }
    IsisSource {
        "kernel" => IsisSource::Kernel,
        "connected" => IsisSource::Connected,
        "static" => IsisSource::Static,
        "ospf" => IsisSource::Ospf,
        "bgp" => IsisSource::Bgp,
    }
}
