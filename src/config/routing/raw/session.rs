//! What is said of a neighbour of BGP, and of a peer-group.

use crate::config::keys::{Reading, Shape, Takes, Value, bounded, table};
use crate::types::{Asn, HostAddr, Line, PolicyName, RelPath};

table! {
    /// A neighbour of BGP.
    struct NeighborRaw includes session: SessionRaw {
        /// The group whose settings it has too.
        "peer-group" => peer_group: PolicyName, example("\"IX\""), otherwise("none"), also(&["group", "template", "inherit"]);
    }

    /// What a neighbour and a peer-group can say.
    struct SessionRaw {
        /// The AS number of the other side; of a neighbour or of its group.
        "remote-as" => remote_as: Asn, example("64496"), also(&["peer-as", "peer-asn", "remote-asn", "as", "asn"]);
        /// A description for operators.
        "description" => description: Line, example("\"Transit A v4\""), also(&["descr", "comment"]);
        /// A file that holds the password of the session (TCP MD5); mode 0640 or narrower.
        "password-file" => password_file: RelPath, example("\"secrets/bgp-transit-a\""), otherwise("no password"), secret(), also(&["password", "authentication-key", "auth-password", "md5"]);
        /// The route-maps of both directions; an eBGP neighbour needs both.
        "route-map" => route_map: RouteMapPairRaw, example("{ in = \"TRANSIT-IN\", out = \"ANNOUNCE\" }"), also(&["import", "export", "filter", "policy", "import-policy", "export-policy"]);
        /// How many prefixes it may send before the session is closed.
        "maximum-prefix" => maximum_prefix: MaximumPrefix, example("1_200_000"), unit("prefixes"), otherwise("no limit"), also(&["prefix-limit", "max-prefix", "maximum-prefixes", "import-limit"]);
        /// Whether BFD monitors the session; a string names a profile.
        "bfd" => bfd: NeighborBfdRaw, example("true"), default("false"), also(&["fall-over"]);
        /// How many hops away it may be, for eBGP.
        "ebgp-multihop" => ebgp_multihop: Hops, example("2"), unit("hops"), otherwise("it is in a connected subnet"), also(&["multihop"]);
        /// The address of this router the session comes from.
        "update-source" => update_source: HostAddr, example("\"192.0.2.1\""), otherwise("that of the interface towards it"), also(&["local-address", "source-address", "source"]);
        /// Whether this router is the next hop of what it sends.
        "next-hop-self" => next_hop_self: bool, example("true"), default("false"), also(&["nexthop-self"]);
        /// Whether it is a client of this route reflector; iBGP only.
        "route-reflector-client" => route_reflector_client: bool, example("true"), default("false"), also(&["rr-client", "cluster"]);
        /// Its keepalive and hold times.
        "timers" => timers: TimersRaw, example("{ keepalive = 10, hold = 30 }"), otherwise("FRR's, 60 and 180"), also(&["hold-time", "holdtime", "keepalive"]);
        /// Whether this router waits for the other side to connect.
        "passive" => passive: bool, example("true"), default("false");
        /// Whether the session is kept down.
        "shutdown" => shutdown: bool, example("true"), default("false"), also(&["disable", "disabled"]);
    }

    /// The route-maps of a neighbour.
    struct RouteMapPairRaw {
        /// Applied to the routes it sends.
        "in" => import: PolicyName, example("\"TRANSIT-IN\""), also(&["import"]);
        /// Applied to the routes it is sent.
        "out" => export: PolicyName, example("\"ANNOUNCE\""), also(&["export"]);
    }

    /// The timers of a session: hold is 0 or at least 3, keepalive at most a third of it.
    struct TimersRaw {
        /// The time between two keepalives.
        "keepalive" => keepalive: Keepalive, required(), example("10"), unit("seconds");
        /// How long without a message before the session ends.
        "hold" => hold: Keepalive, required(), example("30"), unit("seconds"), also(&["holdtime", "hold-time"]);
    }
}

bounded! {
    /// How many prefixes a neighbour may send.
    MaximumPrefix(u32) = 1..=u32::MAX, "a number of prefixes from 1 to 4294967295";
    /// How far away a neighbour may be.
    Hops(u8) = 2..=255, "a number of hops from 2 to 255";
    /// Seconds of a session's timers.
    Keepalive(u16) = 0..=65_535, "a number of seconds from 0 to 65535";
}

/// `bfd = true` or `bfd = "PROFILE"`.
#[derive(Debug, Clone)]
pub(in crate::config) enum NeighborBfdRaw {
    /// On with FRR's timers, or off.
    Switch(bool),
    /// On with those of a profile.
    Profile(PolicyName),
}

impl Takes for NeighborBfdRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match value.is_text() {
            true => value.parse(reading).map(Self::Profile),
            false => value.switch(reading).map(Self::Switch),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![bool::shape(), PolicyName::shape()])
    }
}
