//! What holds between a BGP neighbour, its peer-group and this router.

use super as routing;
use super::tunnel;
use crate::config::check::Checking;
use crate::config::code::{E0330, E0331, E0332, E0334, E0335, E0336, E0345, E0347, E0361};
use crate::config::diag::Diagnostic;
use crate::config::routing::raw::{BgpInstanceRaw, BgpOf, SessionRaw};
use crate::config::routing::session::RemoteAs;
use crate::config::source::{Located, Span};
use crate::types::{Asn, HostAddr, PeerName, PolicyName};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The ASes that are ours.
#[derive(Debug)]
pub(in crate::config) struct Own {
    pub(super) asn: Asn,
    /// The other members of our confederation.
    members: BTreeSet<Asn>,
}

impl Own {
    /// `None` without a valid AS number.
    pub(in crate::config) fn new(bgp: BgpOf<'_>) -> Option<Self> {
        let peers = bgp.raw.confederation.get().map_or(&[][..], |it| it.peers.items());
        Some(Self {
            asn: bgp.asn?.value,
            members: peers.iter().map(|peer| peer.value).collect(),
        })
    }

    /// What a session with this AS is.
    pub(in crate::config) fn kind(&self, remote_as: RemoteAs) -> Kind {
        match remote_as {
            _ if remote_as.is_internal(self.asn) => Kind::Internal,
            RemoteAs::Number(asn) if self.members.contains(&asn) => Kind::Member,
            _ => Kind::External,
        }
    }
}

/// What a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Kind {
    /// iBGP.
    Internal,
    /// eBGP with another AS of our confederation.
    Member,
    /// eBGP.
    External,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Internal => "iBGP",
            Self::Member | Self::External => "eBGP",
        }
    }

    fn with_article(self) -> String {
        format!("an {} neighbour", self.name())
    }
}

/// A neighbour with its peer-group.
#[derive(Debug)]
pub(in crate::config) struct Both<'r> {
    pub(in crate::config) peer: Located<&'r PeerName>,
    pub(in crate::config) own: &'r SessionRaw,
    /// The name of its group.
    pub(in crate::config) peer_group: Option<Located<&'r PolicyName>>,
    /// The group, when it is defined.
    pub(in crate::config) group: Option<&'r SessionRaw>,
}

/// The peer-groups by their names.
pub(in crate::config) fn groups(raw: &BgpInstanceRaw) -> BTreeMap<&PolicyName, &SessionRaw> {
    let groups = raw.peer_groups.entries().iter();
    groups.map(|(name, group)| (&name.value, &group.value)).collect()
}

impl<'r> Both<'r> {
    /// Every neighbour, in the order of the document.
    pub(in crate::config) fn all(raw: &'r BgpInstanceRaw) -> impl Iterator<Item = Self> {
        let groups = groups(raw);
        raw.neighbors.entries().iter().map(move |(peer, table)| {
            let peer_group = table.value.peer_group.located();
            Self {
                peer: Located {
                    value: &peer.value,
                    span: peer.span,
                },
                own: &table.value.session,
                peer_group,
                group: peer_group.and_then(|name| groups.get(name.value).copied()),
            }
        })
    }

    /// The neighbour's AS: its own or its group's, exactly one of the two.
    pub(in crate::config) fn remote_as(&self, cx: &mut Checking<'_>) -> Option<RemoteAs> {
        let peer = self.peer;
        let of_group = self.group.and_then(|g| g.remote_as.copied());
        match (self.own.remote_as.copied(), of_group) {
            (Some(own), None) => Some(own.value),
            (None, Some(group)) => Some(group.value),
            (Some(own), Some(group)) => {
                let message = format!("the neighbour {} has two remote-as values", peer.value);
                cx.report(
                    Diagnostic::error(E0331, own.span, message)
                        .also(group.span, "its peer-group has one")
                        .hint("remove one of the two"),
                );
                None
            }
            (None, None) => {
                // What is written wrongly, or in a peer-group that is not defined, is reported as that.
                let written = self.sessions().any(|s| s.remote_as.is_written());
                if !written && (self.peer_group.is_none() || self.group.is_some()) {
                    let message = format!("the neighbour {} has no remote-as", peer.value);
                    cx.report(
                        Diagnostic::error(E0331, peer.span, message)
                            .hint("add `remote-as = 64496`, here or in its peer-group"),
                    );
                }
                None
            }
        }
    }

    /// Everything a neighbour must be beside its AS number.
    pub(in crate::config) fn check(&self, own: &Own, kind: Kind, cx: &mut Checking<'_>) {
        let is_possible = match self.peer.value {
            PeerName::Address(addr) => self.address_is_possible(*addr, cx),
            PeerName::Interface(name) => self.interface_is_possible(name, cx),
        };
        if !is_possible {
            return;
        }
        if kind == Kind::External {
            self.both_policies(cx);
        }
        self.suits(own, kind, cx);
        if let PeerName::Address(addr) = self.peer.value {
            self.no_host_takes_it_for_a_router(*addr, cx);
            self.reachable(*addr, kind == Kind::Internal, cx);
        }
    }

    /// What it and its group say suits the kind of the session, and its address.
    pub(super) fn suits(&self, own: &Own, kind: Kind, cx: &mut Checking<'_>) {
        self.reflector(kind, cx);
        self.settings(own, kind, cx);
        self.update_source(cx);
    }

    fn address_is_possible(&self, addr: HostAddr, cx: &mut Checking<'_>) -> bool {
        let place = self.peer.span;
        if addr.is_link_local() {
            let message = format!("the neighbour {addr} has a link-local address");
            let error = Diagnostic::error(E0345, place, message);
            cx.report(error.hint(
                "write the name of the interface it is on in place of the address, or its global address",
            ));
            return false;
        }
        if let Some(mine) = cx.index.own_address(addr.get()) {
            let message = format!("the neighbour {addr} is this router itself");
            cx.report(Diagnostic::error(E0335, place, message).also(mine, "its own address"));
            return false;
        }
        tunnel::leads_to_a_peer(addr.get(), None, None, place, cx);
        routing::is_a_host(addr.get(), place, cx)
    }

    /// Its own settings, then its group's.
    pub(in crate::config) fn sessions(&self) -> impl Iterator<Item = &'r SessionRaw> + use<'r> {
        [Some(self.own), self.group].into_iter().flatten()
    }

    /// FRR takes a list for a policy, too.
    fn both_policies(&self, cx: &mut Checking<'_>) {
        let missing = match (self.sessions().any(imports), self.sessions().any(exports)) {
            (true, true) => return,
            (false, true) => "'in' route-map",
            (true, false) => "'out' route-map",
            (false, false) => "route-maps",
        };
        // An undefined peer-group might have had them.
        if self.peer_group.is_some() && self.group.is_none() {
            return;
        }
        let message = format!("the eBGP neighbour {} has no {missing}", self.peer.value);
        cx.report(
            Diagnostic::error(E0330, self.peer.span, message)
                .label("FRR exchanges nothing with it")
                .hint("add `route-map = { in = \"NAME\", out = \"NAME\" }`, here or in its peer-group"),
        );
    }

    fn reflector(&self, kind: Kind, cx: &mut Checking<'_>) {
        let mut clients = self.sessions().map(|s| &s.route_reflector_client);
        let place = clients.find_map(|client| client.span().filter(|_| client.is_on()));
        if let (Kind::Member | Kind::External, Some(place)) = (kind, place) {
            let message = "route-reflector-client is for iBGP, this neighbour is eBGP";
            cx.report(self.with_remote_as(Diagnostic::error(E0332, place, message)));
        }
    }

    /// The other place: the AS number that decides between iBGP and eBGP.
    pub(super) fn with_remote_as(&self, error: Diagnostic) -> Diagnostic {
        match self.sessions().find_map(|s| s.remote_as.copied()) {
            Some(remote_as) => error.also(remote_as.span, "its AS number"),
            None => error,
        }
    }

    fn update_source(&self, cx: &mut Checking<'_>) {
        let Some(source) = self.sessions().find_map(|s| s.update_source.copied()) else {
            return;
        };
        let (Some(neighbor), place) = (self.peer.value.address(), source.span) else {
            return;
        };
        let source = match source.value {
            PeerName::Address(addr) => addr.get(),
            PeerName::Interface(name) => return source_has_the_family(&name, place, neighbor, cx),
        };
        if source.is_ipv4() != neighbor.is_ipv4() {
            let message = format!("{source} cannot be the source of a session with {neighbor}");
            cx.report(
                Diagnostic::error(E0334, place, message)
                    .label("of the other address family")
                    .also(self.peer.span, "the neighbour"),
            );
        } else if cx.index.own_address(source).is_none() && !cx.index.l3_refused {
            let message = format!("update-source {source} is not an address of this router");
            let error = Diagnostic::error(E0334, place, message);
            cx.report(error.hint("write an address of an interface or loopback, usually of lo0"));
        }
    }

    /// eBGP needs a connected subnet unless it is multihop; iBGP also takes an IGP or a static route.
    fn reachable(&self, addr: HostAddr, ibgp: bool, cx: &mut Checking<'_>) {
        let target = addr.get();
        let is_far = |s: &SessionRaw| {
            let hops = s.ttl_security.get().is_some_and(|hops| hops.get() > 1);
            hops || s.ebgp_multihop.is_written() || s.disable_connected_check.is_on()
        };
        let multihop = self.sessions().any(is_far);
        let connected = cx.index.neighbors_of(target).next().is_some();
        if cx.index.l3_refused || connected {
            return;
        }
        if multihop || (ibgp && cx.index.is_routed(target)) {
            self.led_to(addr, cx);
            return;
        }
        let message = format!("the neighbour {} is not in any connected subnet", addr);
        let hint = match ibgp {
            true => "give an interface an address in its subnet, run OSPF towards it, or add a static route",
            false => "give an interface an address in its subnet, or add `ebgp-multihop`",
        };
        cx.report(Diagnostic::error(E0336, self.peer.span, message).hint(hint));
    }
}

impl Both<'_> {
    /// FRR 8 does not use the default route to find a neighbour, and says nothing: the session stays in Active.
    fn led_to(&self, addr: HostAddr, cx: &mut Checking<'_>) {
        let target = addr.get();
        if cx.index.is_routed_beside_default(target) {
            return;
        }
        let (message, label) = match cx.index.is_routed(target) {
            true if cx.index.resolves_by_default(target) => return,
            true => (
                format!("only the default route leads to the neighbour {target}"),
                "FRR 8.4 does not use it for that",
            ),
            false => (
                format!("no route leads to the neighbour {target}"),
                "the session waits until BGP brings one",
            ),
        };
        let length = if target.is_ipv4() { 32 } else { 128 };
        let table = cx.index.path("routes");
        let hint = format!("add a route to [{table}]: `\"{target}/{length}\" = {{ via = \"ADDRESS\" }}`");
        let warning = Diagnostic::warning(E0361, self.peer.span, message);
        cx.report(warning.label(label).hint(hint));
    }
}

/// The interface a session comes from exists and has an address of the neighbour's family.
fn source_has_the_family(name: &String, place: Span, neighbor: IpAddr, cx: &mut Checking<'_>) {
    let named = Located {
        value: name,
        span: place,
    };
    if !routing::interface_exists(named, cx) || cx.index.l3_refused {
        return;
    }
    let mut of_it = cx.index.addresses.iter().filter(|a| a.interface == *name);
    if !of_it.any(|a| a.addr.is_v4() == neighbor.is_ipv4()) {
        let family = if neighbor.is_ipv4() { "IPv4" } else { "IPv6" };
        let message =
            format!("'{name}' has no {family} address to be the source of the session with {neighbor}");
        let error = Diagnostic::error(E0334, place, message);
        cx.report(error.hint("write an interface or loopback that has one, usually lo0"));
    }
}

/// Whether something is applied to what comes in: FRR takes a list for a policy as well as a map.
pub(super) fn imports(session: &SessionRaw) -> bool {
    [&session.route_map, &session.prefix_list, &session.as_path_list]
        .iter()
        .any(|field| {
            let pair = field.get();
            pair.map_or(field.is_written(), |pair| pair.import.is_written())
        })
}

/// Whether something is applied to what goes out.
pub(super) fn exports(session: &SessionRaw) -> bool {
    [&session.route_map, &session.prefix_list, &session.as_path_list]
        .iter()
        .any(|field| {
            let pair = field.get();
            pair.map_or(field.is_written(), |pair| pair.export.is_written())
        })
}

/// Whether the members of each peer-group are iBGP or eBGP: FRR takes no mixture.
#[derive(Default)]
pub(in crate::config) struct GroupKinds(BTreeMap<PolicyName, (Kind, Span)>);

impl GroupKinds {
    pub(in crate::config) fn add(&mut self, both: &Both<'_>, kind: Kind, cx: &mut Checking<'_>) {
        let Some(group) = both.peer_group else { return };
        let (first, place) = *self.0.entry(group.value.clone()).or_insert((kind, group.span));
        if (first == Kind::Internal) != (kind == Kind::Internal) {
            let message = format!("the peer-group '{}' has iBGP and eBGP members", group.value);
            cx.report(
                Diagnostic::error(E0347, group.span, message)
                    .label(kind.with_article())
                    .also(place, first.with_article())
                    .hint("make one peer-group for each"),
            );
        }
    }
}
