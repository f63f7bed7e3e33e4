//! Settings of a neighbour that FRR refuses, drops or does not act on beside one another.

use super::bgp::{Both, Kind, Own};
use crate::config::check::Checking;
use crate::config::code::{E0333, E0362, E0363, E0369};
use crate::config::diag::Diagnostic;
use crate::config::keys::{Field, Form, SwitchOr};
use crate::config::routing::raw::{AllowasIn, SessionRaw};
use crate::config::routing::session::RemoteAs;
use crate::config::source::{Located, Span};
use crate::types::PolicyName;

/// FRR 10.3 shows a group's role without `strict-mode`.
pub(in crate::config) fn group_insists_on_no_role(group: &SessionRaw, cx: &mut Checking<'_>) {
    let Some(Form::Table(role)) = group.local_role.get() else {
        return;
    };
    if let Some(place) = role.strict.span().filter(|_| role.strict.is_on()) {
        cx.report(
            Diagnostic::error(E0369, place, "a peer-group cannot insist on a role")
                .label("FRR 10 shows it without strict-mode")
                .hint("write `local-role` with `strict` at neighbours without a peer-group"),
        );
    }
}

impl Both<'_> {
    /// What one of the two says must suit the other, and the kind of the session.
    pub(super) fn settings(&self, own: &Own, kind: Kind, cx: &mut Checking<'_>) {
        if kind == Kind::Internal {
            self.only_for_external(cx);
        }
        self.role_is_with_others(kind, cx);
        self.role_is_shown(cx);
        self.one_way_to_count_hops(cx);
        self.local_as_is_another(own, cx);
        self.group_is_not_undone(cx);
        self.dropped_routes_are_kept(cx);
    }

    fn only_for_external(&self, cx: &mut Checking<'_>) {
        let found = self
            .sessions()
            .flat_map(for_external)
            .find(|(_, place)| place.is_some());
        let Some((key, Some(place))) = found else { return };
        let message = format!("{key} is for eBGP, this neighbour is iBGP");
        let error = Diagnostic::error(E0333, place, message);
        let error = match key {
            "ebgp-multihop" => error.hint("remove it: iBGP crosses hops by itself"),
            _ => error.hint("remove it, or correct remote-as"),
        };
        cx.report(self.with_remote_as(error));
    }

    /// FRR 8.4 does not show the role of a member of a group.
    fn role_is_shown(&self, cx: &mut Checking<'_>) {
        if let (Some(place), Some(group)) = (self.own.local_role.span(), self.peer_group) {
            cx.report(
                Diagnostic::error(
                    E0369,
                    place,
                    "a member of a peer-group cannot have a role of its own",
                )
                .label("FRR 8.4 does not show it")
                .also(group.span, "its peer-group")
                .hint("write `local-role` in the peer-group, or what the group says at the neighbour"),
            );
        }
    }

    /// RFC 9234 has no roles within a confederation, and FRR refuses them there.
    fn role_is_with_others(&self, kind: Kind, cx: &mut Checking<'_>) {
        let place = self.sessions().find_map(|s| s.local_role.span());
        if let (Kind::Member, Some(place)) = (kind, place) {
            let message = "local-role is not for neighbours of our own confederation";
            cx.report(self.with_remote_as(Diagnostic::error(E0333, place, message)));
        }
    }

    fn one_way_to_count_hops(&self, cx: &mut Checking<'_>) {
        let security = self.sessions().find_map(|s| s.ttl_security.span());
        let multihop = self.sessions().find_map(|s| s.ebgp_multihop.span());
        if let (Some(security), Some(multihop)) = (security, multihop) {
            cx.report(
                Diagnostic::error(E0362, security, "'ttl-security' and 'ebgp-multihop' exclude each other")
                    .also(multihop, "the other one")
                    .hint("write `ttl-security` with that number of hops, if the other side has it too; else `ebgp-multihop` alone"),
            );
        }
    }

    fn local_as_is_another(&self, own: &Own, cx: &mut Checking<'_>) {
        let Some((asn, place)) = self.sessions().find_map(local_as) else {
            return;
        };
        let remote_as = self.sessions().find_map(|s| s.remote_as.copied());
        if asn == own.asn {
            let message = format!("local-as {asn} is the AS of this router already");
            cx.report(Diagnostic::error(E0362, place, message).hint("remove it, or write another"));
        } else if let Some(remote_as) = remote_as.filter(|it| it.value == RemoteAs::Number(asn)) {
            let message = format!("local-as {asn} is the AS of the neighbour");
            cx.report(
                Diagnostic::error(E0362, place, message)
                    .label("the session would be neither iBGP nor eBGP")
                    .also(remote_as.span, "its AS number"),
            );
        }
    }

    /// FRR counts the routes that the policy drops only where it keeps them.
    fn dropped_routes_are_kept(&self, cx: &mut Checking<'_>) {
        let force = |session: &SessionRaw| match session.maximum_prefix.get() {
            Some(Form::Table(table)) => table.force.span().filter(|_| table.force.is_on()),
            _ => None,
        };
        let keeps = self
            .sessions()
            .any(|session| session.soft_reconfiguration.is_on());
        if let Some(place) = self.sessions().find_map(force).filter(|_| !keeps) {
            cx.report(
                Diagnostic::error(E0362, place, "'force' needs 'soft-reconfiguration'")
                    .label("FRR counts routes it dropped only where it keeps them")
                    .hint("add `soft-reconfiguration = true` to the neighbour or its peer-group, or remove `force`"),
            );
        }
    }

    /// FRR takes `no …` at a member and goes on as the group says.
    fn group_is_not_undone(&self, cx: &mut Checking<'_>) {
        let (Some(group), Some(name)) = (self.group, self.peer_group) else {
            return;
        };
        let of_group = switches(group);
        let pairs = switches(self.own).into_iter().zip(of_group);
        let undone = pairs.filter_map(|((key, own), (_, group))| match (own, group) {
            (Some((false, place)), Some((true, first))) => Some((key, place, first)),
            _ => None,
        });
        for (key, place, first) in undone {
            let message = format!(
                "'{key}' is on in the peer-group '{}', and a member cannot switch it off",
                name.value
            );
            cx.report(
                Diagnostic::error(E0363, place, message)
                    .also(first, "on here")
                    .hint("set it at the members that need it, or make another peer-group"),
            );
        }
        self.own_as_is_origin_for_all(group, name, cx);
        if let (Some(place), Some(first)) = (self.own.send_community.span(), group.send_community.span()) {
            let message = format!("the peer-group '{}' says which communities are sent", name.value);
            cx.report(
                Diagnostic::error(E0363, place, message)
                    .label("a member cannot have others")
                    .also(first, "said here")
                    .hint("set it in one of the two"),
            );
        }
    }

    /// FRR takes the number of a member and goes on with `origin`.
    fn own_as_is_origin_for_all(
        &self,
        group: &SessionRaw,
        name: Located<&PolicyName>,
        cx: &mut Checking<'_>,
    ) {
        let (Some(own), Some(first)) = (self.own.allowas_in.located(), group.allowas_in.located()) else {
            return;
        };
        if let (AllowasIn::Times(_), AllowasIn::Origin) = (own.value, first.value) {
            let message = format!("'allowas-in' is \"origin\" in the peer-group '{}'", name.value);
            cx.report(
                Diagnostic::error(E0363, own.span, message)
                    .label("a member cannot have a number")
                    .also(first.span, "said here")
                    .hint("set it at the members that need it, or make another peer-group"),
            );
        }
    }
}

/// What means nothing to iBGP, where it is set.
fn for_external(session: &SessionRaw) -> [(&'static str, Option<Span>); 7] {
    let on = |field: &Field<bool>| field.span().filter(|_| field.is_on());
    let removes = &session.remove_private_as;
    [
        ("ebgp-multihop", session.ebgp_multihop.span()),
        ("ttl-security", session.ttl_security.span()),
        ("disable-connected-check", on(&session.disable_connected_check)),
        ("local-as", session.local_as.span()),
        ("local-role", session.local_role.span()),
        ("enforce-first-as", on(&session.enforce_first_as)),
        (
            "remove-private-as",
            removes
                .span()
                .filter(|_| removes.get().is_none_or(SwitchOr::is_on)),
        ),
    ]
}

fn local_as(session: &SessionRaw) -> Option<(crate::types::Asn, Span)> {
    let written = session.local_as.located()?;
    match written.value {
        Form::Short(asn) => Some((*asn, written.span)),
        Form::Table(table) => table.asn.copied().map(|asn| (asn.value, asn.span)),
    }
}

/// A switch of a session: whether it is on, and where that is said.
type Switch = (&'static str, Option<(bool, Span)>);

/// What is switched on or off, in the same order for every session.
fn switches(session: &SessionRaw) -> [Switch; 12] {
    fn plain(field: &Field<bool>) -> Option<(bool, Span)> {
        let written = field.copied()?;
        Some((written.value, written.span))
    }
    fn more<T>(field: &Field<SwitchOr<T>>) -> Option<(bool, Span)> {
        let written = field.located()?;
        Some((written.value.is_on(), written.span))
    }
    let default = session.default_originate.located();
    [
        ("disable-connected-check", plain(&session.disable_connected_check)),
        ("enforce-first-as", plain(&session.enforce_first_as)),
        ("route-reflector-client", plain(&session.route_reflector_client)),
        ("route-server-client", plain(&session.route_server_client)),
        ("soft-reconfiguration", plain(&session.soft_reconfiguration)),
        ("extended-nexthop", plain(&session.extended_nexthop)),
        ("passive", plain(&session.passive)),
        ("shutdown", plain(&session.shutdown)),
        ("bfd", more(&session.bfd)),
        ("next-hop-self", more(&session.next_hop_self)),
        ("remove-private-as", more(&session.remove_private_as)),
        (
            "default-originate",
            default.map(|it| (!matches!(it.value, Form::Short(false)), it.span)),
        ),
    ]
}
