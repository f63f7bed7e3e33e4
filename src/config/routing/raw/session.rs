//! What is said of a neighbour of BGP, and of a peer-group.

use crate::config::keys::{Form, Reading, Shape, SwitchOr, Takes, Value, bounded, table, words};
use crate::config::routing::session::{AddPath, CommunityKind, LocalRole, PrivateAs, RemoteAs};
use crate::config::source::Located;
use crate::types::{Asn, Line, PeerName, PolicyName, RelPath, Seconds, TypeError, seconds};

table! {
    /// A neighbour of BGP.
    struct NeighborRaw includes session: SessionRaw {
        /// The group whose settings it has too.
        "peer-group" => peer_group: PolicyName, example("\"IX\""), otherwise("none"), also(&["group", "template", "inherit"]);
    }

    /// What a neighbour and a peer-group can say.
    struct SessionRaw {
        /// The AS of the other side, of a neighbour or its group: a number, "external" (any but ours) or "internal" (ours).
        "remote-as" => remote_as: RemoteAs, example("64496"), also(&["peer-as", "peer-asn", "remote-asn", "as", "asn"]);
        /// A description for operators.
        "description" => description: Line, example("\"Transit A v4\""), also(&["descr", "comment"]);
        /// A file that holds the password of the session (TCP MD5); mode 0640 or narrower.
        "password-file" => password_file: RelPath, example("\"secrets/bgp-transit-a\""), otherwise("no password"), secret(), also(&["password", "authentication-key", "auth-password", "md5"]);
        /// The route-maps of both directions; an eBGP neighbour needs a policy in both.
        "route-map" => route_map: PolicyPairRaw, example("{ in = \"TRANSIT-IN\", out = \"ANNOUNCE\" }"), also(&["import", "export", "filter", "policy", "import-policy", "export-policy"]);
        /// The prefix-lists of both directions, beside the route-maps.
        "prefix-list" => prefix_list: PolicyPairRaw, since("0.3.0"), example("{ in = \"OURS\" }"), otherwise("none"), also(&["distribute-list"]);
        /// The as-path-lists of both directions, beside the route-maps.
        "as-path-list" => as_path_list: PolicyPairRaw, since("0.3.0"), example("{ in = \"BOGON-ASN\" }"), otherwise("none"), also(&["filter-list"]);
        /// How many prefixes it may send before the session is closed.
        "maximum-prefix" => maximum_prefix: Form<MaximumPrefix, PrefixLimitRaw>, example("1_200_000"), unit("prefixes"), otherwise("no limit"), also(&["prefix-limit", "max-prefix", "maximum-prefixes", "import-limit"]);
        /// Whether BFD monitors the session; a string names a profile.
        "bfd" => bfd: SwitchOr<PolicyName>, example("true"), default("false"), also(&["fall-over"]);
        /// How many hops away it may be, for eBGP.
        "ebgp-multihop" => ebgp_multihop: Hops, example("2"), unit("hops"), otherwise("it is in a connected subnet"), also(&["multihop"]);
        /// How many hops away it may be at most, checked by the TTL of what it sends (RFC 5082); both sides need it, for eBGP.
        "ttl-security" => ttl_security: TtlHops, since("0.3.0"), example("1"), unit("hops"), otherwise("not checked"), also(&["gtsm", "ttl-security-hops"]);
        /// Whether it may be in a subnet that is not connected though it is one hop away: its loopback, for eBGP.
        "disable-connected-check" => disable_connected_check: bool, since("0.3.0"), example("true"), default("false");
        /// The address of this router the session comes from, or the interface that has it.
        "update-source" => update_source: PeerName, example("\"192.0.2.1\""), otherwise("that of the interface towards it"), also(&["local-address", "source-address", "source"]);
        /// The AS number it sees in place of ours, for eBGP.
        "local-as" => local_as: Form<Asn, LocalAsRaw>, since("0.3.0"), example("64501"), otherwise("ours");
        /// What this router is to it (RFC 9234): routes that a provider, peer or customer must not get are not sent, for eBGP.
        "local-role" => local_role: Form<LocalRole, LocalRoleRaw>, since("0.3.0"), example("\"customer\""), otherwise("none"), also(&["role"]);
        /// Whether the first AS of a path must be its own, for eBGP; off for a route server.
        "enforce-first-as" => enforce_first_as: bool, since("0.3.0"), example("true"), otherwise("FRR's: off in 8.4, on in 10.3");
        /// Whether this router is the next hop of what it sends; "all" for reflected routes, too.
        "next-hop-self" => next_hop_self: SwitchOr<Always>, example("true"), default("false"), also(&["nexthop-self"]);
        /// Whether it is a client of this route reflector; iBGP only.
        "route-reflector-client" => route_reflector_client: bool, example("true"), default("false"), also(&["rr-client", "cluster"]);
        /// Whether it is a client of this route server: paths and next hops pass as they are.
        "route-server-client" => route_server_client: bool, since("0.3.0"), example("true"), default("false"), also(&["rs-client"]);
        /// Whether the routes it sends are kept as they came, so that a new policy needs nothing from it.
        "soft-reconfiguration" => soft_reconfiguration: bool, since("0.3.0"), example("true"), default("false"), also(&["soft-reconfiguration-inbound", "soft-inbound", "keep-filtered"]);
        /// Whether it is sent a default route, which this router need not have.
        "default-originate" => default_originate: Form<bool, DefaultOriginateRaw>, since("0.3.0"), example("true"), default("false"), also(&["default-information", "originate-default"]);
        /// Private AS numbers leave the paths sent: true where all are private, "all" anywhere, "replace" becoming ours; eBGP only.
        "remove-private-as" => remove_private_as: SwitchOr<PrivateAs>, since("0.3.0"), example("true"), default("false"), also(&["remove-private", "remove-private-asn"]);
        /// How often our own AS number may be in the paths it sends, or "origin" where it may be the first.
        "allowas-in" => allowas_in: AllowasIn, since("0.3.0"), example("1"), otherwise("never"), also(&["allow-own-as", "allow-as-in", "loops"]);
        /// Which paths it is sent beside the best: "all", or the best of each neighbour AS.
        "add-path" => add_path: AddPath, since("0.3.0"), example("\"all\""), otherwise("the best"), also(&["addpath", "add-paths", "addpath-tx-all-paths", "addpath-tx-bestpath-per-as"]);
        /// The weight of the routes it sends, which decides before all else.
        "weight" => weight: Weight, since("0.3.0"), example("10"), default("0");
        /// Which communities it is sent.
        "send-community" => send_community: Vec<Located<CommunityKind>>, since("0.3.0"), example("[\"standard\", \"large\"]"), default("[\"standard\", \"extended\", \"large\"]"), unordered();
        /// Whether IPv4 routes may have IPv6 next hops (RFC 8950): then an IPv6 neighbour carries IPv4, too.
        "extended-nexthop" => extended_nexthop: bool, since("0.3.0"), example("true"), default("false"), also(&["capability-extended-nexthop"]);
        /// Its keepalive and hold times.
        "timers" => timers: TimersRaw, example("{ keepalive = 10, hold = 30 }"), otherwise("those of [bgp], else FRR's, 60 and 180"), also(&["hold-time", "holdtime", "keepalive"]);
        /// Whether the session is about to be taken away (RFC 8326): what comes and goes over it is the last to be used.
        "graceful-shutdown" => graceful_shutdown: bool, since("0.3.0"), example("true"), otherwise("what its peer-group or [bgp] says"), also(&["gshut", "drain"]);
        /// Whether this router waits for the other side to connect.
        "passive" => passive: bool, example("true"), default("false");
        /// Whether the session is kept down.
        "shutdown" => shutdown: bool, example("true"), default("false"), also(&["disable", "disabled"]);
    }

    /// What is applied in each direction.
    struct PolicyPairRaw {
        /// Applied to the routes it sends.
        "in" => import: PolicyName, example("\"TRANSIT-IN\""), also(&["import"]);
        /// Applied to the routes it is sent.
        "out" => export: PolicyName, example("\"ANNOUNCE\""), also(&["export"]);
    }

    /// How many prefixes a neighbour may send, and what happens then.
    struct PrefixLimitRaw {
        /// The most prefixes.
        "limit" => limit: MaximumPrefix, required(), since("0.3.0"), example("1_200_000"), unit("prefixes"), also(&["maximum", "max"]);
        /// The part of it from which on a warning is logged.
        "threshold" => threshold: Percent, since("0.3.0"), example("80"), unit("percent"), default("75");
        /// How long the session stays down before it is tried again.
        "restart" => restart: Restart, since("0.3.0"), example("\"30m\""), otherwise("until an operator clears it"), also(&["idle-timeout", "teardown"]);
        /// Whether the session stays up and a line is logged.
        "warning-only" => warning_only: bool, since("0.3.0"), example("true"), default("false");
        /// Whether routes that the policy drops count, too; needs soft-reconfiguration.
        "force" => force: bool, since("0.3.0"), example("true"), default("false");
    }

    /// An AS number of ours beside the one of [bgp].
    struct LocalAsRaw {
        /// The AS number the other side sees.
        "asn" => asn: Asn, required(), since("0.3.0"), example("64501"), also(&["as"]);
        /// Whether it is left out of the paths of the routes the other side sends.
        "no-prepend" => no_prepend: bool, since("0.3.0"), example("true"), default("false");
        /// Whether the one of [bgp] is left out of the paths the other side is sent; only with no-prepend.
        "replace-as" => replace_as: bool, since("0.3.0"), example("true"), default("false");
    }

    /// A role and how it is insisted on.
    struct LocalRoleRaw {
        /// What this router is to the neighbour.
        "role" => role: LocalRole, required(), since("0.3.0"), example("\"customer\"");
        /// Whether the session stays down until the other side has the opposite role.
        "strict" => strict: bool, since("0.3.0"), example("true"), default("false"), also(&["strict-mode"]);
    }

    /// The default route a neighbour is sent.
    struct DefaultOriginateRaw {
        /// The route-map that sets what it has; it is sent only while the map permits a route of this router.
        "route-map" => route_map: PolicyName, required(), since("0.3.0"), example("\"DEFAULT\""), also(&["policy"]);
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
    /// A part of a hundred.
    Percent(u8) = 1..=100, "a percentage from 1 to 100";
    /// How far away a neighbour may be.
    Hops(u8) = 2..=255, "a number of hops from 2 to 255";
    /// How far away the TTL lets a neighbour be.
    TtlHops(u8) = 1..=254, "a number of hops from 1 to 254";
    /// How often our AS number may be in a path.
    OwnAsTimes(u8) = 1..=10, "a number from 1 to 10";
    /// What decides between routes first.
    Weight(u16) = 0..=65_535, "a weight from 0 to 65535";
    /// Seconds of a session's timers.
    Keepalive(u16) = 0..=65_535, "a number of seconds from 0 to 65535";
}

/// `"all"`: for reflected routes, too.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Always;

/// `"origin"`: our AS number may be the first of a path.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Origin;

words! {
    Always { "all" => Always }
    Origin { "origin" => Origin }
    PrivateAs { "all" => PrivateAs::All, "replace" => PrivateAs::Replace }
    AddPath { "all" => AddPath::All, "best-per-as" => AddPath::BestPerAs }
    CommunityKind {
        "standard" => CommunityKind::Standard,
        "extended" => CommunityKind::Extended,
        "large" => CommunityKind::Large,
    }
    LocalRole {
        "customer" => LocalRole::Customer,
        "provider" => LocalRole::Provider,
        "peer" => LocalRole::Peer,
        "rs-client" => LocalRole::RsClient,
        "rs-server" => LocalRole::RsServer,
    }
}

/// How often our AS number may be in a path, or where.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) enum AllowasIn {
    /// So often.
    Times(OwnAsTimes),
    /// As the first.
    Origin,
}

impl Takes for AllowasIn {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match value.is_text() {
            true => Origin::read(value, reading).map(|Origin| Self::Origin),
            false => OwnAsTimes::read(value, reading).map(Self::Times),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![OwnAsTimes::shape(), Origin::shape()])
    }
}

impl Takes for RemoteAs {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let letters = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic());
        if !value.is_text() {
            return Asn::read(value, reading).map(Self::Number);
        }
        match value.text(reading)? {
            "external" => Some(Self::External),
            "internal" => Some(Self::Internal),
            typed if letters(typed) => reading.no_such_word(value, typed, &["external", "internal"]),
            _ => Asn::read(value, reading).map(Self::Number),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![Asn::shape(), Shape::Words(vec!["external", "internal"])])
    }
}

/// Whole minutes until a session that had too many prefixes is tried again.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Restart(u16);

impl Restart {
    /// The minutes, from 1.
    pub(in crate::config) fn minutes(self) -> u16 {
        self.0
    }
}

impl Takes for Restart {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let whole = seconds(value.text(reading)?).filter(|it| it % 60 == 0);
        let minutes = whole.and_then(|it| u16::try_from(it / 60).ok());
        let minutes = minutes.filter(|it| *it > 0);
        let wrong = || TypeError::expected("whole minutes from 1m to 65535m");
        value.checked(reading, minutes.map(Self).ok_or_else(wrong))
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "whole minutes from 1m to 65535m",
            pattern: "^[0-9]+[smh]$",
            normal: crate::config::keys::normal::<Seconds>,
        }
    }
}
