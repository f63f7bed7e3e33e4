//! What holds for a session of BGP: of a neighbour, or of all in a peer-group.

mod decode;

pub(super) use decode::{bfd, password, policy, timers};

use crate::types::{Asn, Line, PeerName, PolicyName, Secret};
use std::collections::BTreeSet;
use std::fmt;

/// The AS number of the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteAs {
    /// This one.
    Number(Asn),
    /// Any but ours.
    External,
    /// Ours.
    Internal,
}

impl RemoteAs {
    /// Whether it is ours, so that the session is iBGP.
    pub fn is_internal(self, own: Asn) -> bool {
        match self {
            Self::Number(asn) => asn == own,
            Self::External => false,
            Self::Internal => true,
        }
    }

    /// The number, when it is known: "internal" is ours.
    pub fn number(self, own: Asn) -> Option<Asn> {
        match self {
            Self::Number(asn) => Some(asn),
            Self::External => None,
            Self::Internal => Some(own),
        }
    }
}

impl fmt::Display for RemoteAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(asn) => asn.fmt(f),
            Self::External => f.write_str("external"),
            Self::Internal => f.write_str("internal"),
        }
    }
}

/// What a neighbour and a peer-group share. An eBGP neighbour has a policy in both directions, its own or its group's.
#[derive(Debug, Default)]
pub struct NeighborPolicy {
    /// `description`.
    pub description: Option<Line>,
    /// The content of `password-file`.
    pub password: Option<Secret>,
    /// `route-map`; both defined.
    pub route_map: InOut,
    /// `prefix-list`; both defined.
    pub prefix_list: InOut,
    /// `as-path-list`; both defined.
    pub as_path_list: InOut,
    /// `maximum-prefix`.
    pub maximum_prefix: Option<PrefixLimit>,
    /// `bfd = true` or `bfd = "PROFILE"`.
    pub bfd: Option<NeighborBfd>,
    /// `ebgp-multihop`, 2 to 255.
    pub ebgp_multihop: Option<u8>,
    /// `ttl-security`, 1 to 254; never beside `ebgp-multihop`.
    pub ttl_security: Option<u8>,
    /// `disable-connected-check = true`.
    pub disable_connected_check: bool,
    /// `update-source`: one of this router's own addresses, or an interface of it.
    pub update_source: Option<PeerName>,
    /// `local-as`.
    pub local_as: Option<LocalAs>,
    /// `local-role`, and whether the other side must have the opposite one.
    pub local_role: Option<(LocalRole, bool)>,
    /// `enforce-first-as`; absent it is the release's default.
    pub enforce_first_as: Option<bool>,
    /// `next-hop-self`.
    pub next_hop_self: Option<NextHopSelf>,
    /// `route-reflector-client = true`; iBGP only.
    pub route_reflector_client: bool,
    /// `route-server-client = true`.
    pub route_server_client: bool,
    /// `soft-reconfiguration = true`.
    pub soft_reconfiguration: bool,
    /// `default-originate`.
    pub default_originate: Option<DefaultOriginate>,
    /// `remove-private-as`; eBGP only.
    pub remove_private_as: Option<PrivateAs>,
    /// `allowas-in`.
    pub allowas_in: Option<OwnAs>,
    /// `add-path`.
    pub add_path: Option<AddPath>,
    /// `weight`.
    pub weight: Option<u16>,
    /// `send-community`; absent it is all of them.
    pub send_community: Option<BTreeSet<CommunityKind>>,
    /// `extended-nexthop = true`.
    pub extended_nexthop: bool,
    /// `timers = { keepalive, hold }` in seconds; hold 0 or 3 to 65535, keepalive at most a third of it.
    pub timers: Option<(u16, u16)>,
    /// `graceful-shutdown`; what a neighbour says goes before its group, and that before the instance.
    pub graceful_shutdown: Option<bool>,
    /// `passive = true`.
    pub passive: bool,
    /// `shutdown = true`.
    pub shutdown: bool,
}

impl NeighborPolicy {
    /// Leaves to the group what both say, where FRR does not show the line of a member that repeats its group's: 8.4 and 10.3 drop
    /// it, and of `local-as` 10.3 shows `(null)`.
    pub(super) fn leave_to(&mut self, group: &Self) {
        fn leave<T: PartialEq>(own: &mut Option<T>, of_group: &Option<T>) {
            if own == of_group {
                *own = None;
            }
        }
        leave(&mut self.route_map.import, &group.route_map.import);
        leave(&mut self.route_map.export, &group.route_map.export);
        leave(&mut self.add_path, &group.add_path);
        leave(&mut self.ebgp_multihop, &group.ebgp_multihop);
        leave(&mut self.ttl_security, &group.ttl_security);
        leave(&mut self.local_as, &group.local_as);
        leave(&mut self.enforce_first_as, &group.enforce_first_as);
    }
}

/// A name for each direction.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct InOut {
    /// For the routes the neighbour sends.
    pub import: Option<PolicyName>,
    /// For the routes it is sent.
    pub export: Option<PolicyName>,
}

/// How a neighbour uses BFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NeighborBfd {
    /// FRR's default timers.
    Default,
    /// A profile of `[bfd.profiles]`.
    Profile(PolicyName),
}

/// How many prefixes a neighbour may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixLimit {
    /// The most, from 1.
    pub limit: u32,
    /// From how many percent on a warning is logged, 1 to 100; absent it is 75.
    pub threshold: Option<u8>,
    /// What happens at more.
    pub excess: Excess,
    /// Whether routes that the policy drops count, too.
    pub counts_dropped: bool,
}

/// What happens when a neighbour sends too many prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// The session is closed until an operator clears it.
    Closes,
    /// The session is closed for so many minutes.
    ClosesFor(u16),
    /// A line is logged.
    Warns,
}

/// Another AS number towards a neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalAs {
    /// What the other side sees; not ours.
    pub asn: Asn,
    /// What of both is in the paths.
    pub paths: LocalAsPaths,
}

/// Which AS numbers of ours are in the paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalAsPaths {
    /// Both, in both directions.
    Both,
    /// Both in what is sent, ours alone in what is received.
    NoPrepend,
    /// The other one alone in what is sent, ours alone in what is received.
    NoPrependReplaceAs,
}

/// What this router is to a neighbour (RFC 9234).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalRole {
    /// It buys from the neighbour.
    Customer,
    /// It sells to the neighbour.
    Provider,
    /// Neither.
    Peer,
    /// A client of the neighbour's route server.
    RsClient,
    /// The route server itself.
    RsServer,
}

/// Whose next hops become this router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextHopSelf {
    /// Those of routes from eBGP.
    External,
    /// Those of reflected routes, too.
    All,
}

/// The default route a neighbour is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultOriginate {
    /// Always.
    Always,
    /// While the route-map permits a route of this router; defined.
    While(PolicyName),
}

/// Which private AS numbers are not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateAs {
    /// Those of paths that have no others.
    Only,
    /// All.
    All,
    /// All; ours stands in their place.
    Replace,
}

/// How our AS number may be in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAs {
    /// So often, 1 to 10.
    Times(u8),
    /// As the first.
    Origin,
}

/// Which paths are sent beside the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddPath {
    /// All.
    All,
    /// The best of each neighbour AS.
    BestPerAs,
}

/// A kind of community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommunityKind {
    /// Of 32 bits (RFC 1997).
    Standard,
    /// Of 64 bits (RFC 4360).
    Extended,
    /// Of 96 bits (RFC 8092).
    Large,
}
