//! The settings of a session as they are written, each by itself.

use super::{
    DefaultOriginate, Excess, InOut, LocalAs, LocalAsPaths, LocalRole, NeighborBfd, NeighborPolicy,
    NextHopSelf, OwnAs, PrefixLimit, PrivateAs,
};
use crate::config::check::Checking;
use crate::config::code::{E0337, E0362};
use crate::config::diag::Diagnostic;
use crate::config::keys::{Field, Form, SwitchOr};
use crate::config::routing::raw::{
    AllowasIn, DefaultOriginateRaw, LocalAsRaw, LocalRoleRaw, MaximumPrefix, PolicyPairRaw, PrefixLimitRaw,
    SessionRaw, TimersRaw,
};
use crate::config::source::Located;
use crate::types::{Asn, PolicyName, RelPath, Secret};

/// The settings of a neighbour or group, each by itself.
pub(in crate::config::routing) fn policy(raw: &SessionRaw, cx: &mut Checking<'_>) -> NeighborPolicy {
    NeighborPolicy {
        description: raw.description.value(),
        password: raw.password_file.located().and_then(|path| password(path, cx)),
        route_map: pair(&raw.route_map),
        prefix_list: pair(&raw.prefix_list),
        as_path_list: pair(&raw.as_path_list),
        maximum_prefix: raw.maximum_prefix.get().and_then(|it| prefix_limit(it, cx)),
        bfd: raw.bfd.get().and_then(bfd),
        ebgp_multihop: raw.ebgp_multihop.get().map(|hops| hops.get()),
        ttl_security: raw.ttl_security.get().map(|hops| hops.get()),
        disable_connected_check: raw.disable_connected_check.is_on(),
        update_source: raw.update_source.value(),
        local_as: raw.local_as.get().and_then(|it| local_as(it, cx)),
        local_role: raw.local_role.get().and_then(local_role),
        enforce_first_as: raw.enforce_first_as.value(),
        next_hop_self: raw.next_hop_self.get().and_then(|it| match it {
            SwitchOr::Switch(on) => on.then_some(NextHopSelf::External),
            SwitchOr::Text(_) => Some(NextHopSelf::All),
        }),
        route_reflector_client: raw.route_reflector_client.is_on(),
        route_server_client: raw.route_server_client.is_on(),
        soft_reconfiguration: raw.soft_reconfiguration.is_on(),
        default_originate: raw.default_originate.get().and_then(default_originate),
        remove_private_as: raw.remove_private_as.get().and_then(|it| match it {
            SwitchOr::Switch(on) => on.then_some(PrivateAs::Only),
            SwitchOr::Text(which) => Some(*which),
        }),
        allowas_in: raw.allowas_in.get().map(|it| match it {
            AllowasIn::Times(times) => OwnAs::Times(times.get()),
            AllowasIn::Origin => OwnAs::Origin,
        }),
        add_path: raw.add_path.value(),
        weight: raw.weight.get().map(|weight| weight.get()),
        send_community: raw
            .send_community
            .get()
            .map(|kinds| kinds.iter().map(|kind| kind.value).collect()),
        extended_nexthop: raw.extended_nexthop.is_on(),
        timers: raw.timers.located().and_then(|table| timers(table, cx)),
        graceful_shutdown: raw.graceful_shutdown.value(),
        passive: raw.passive.is_on(),
        shutdown: raw.shutdown.is_on(),
    }
}

fn pair(raw: &Field<PolicyPairRaw>) -> InOut {
    InOut {
        import: raw.get().and_then(|pair| pair.import.value()),
        export: raw.get().and_then(|pair| pair.export.value()),
    }
}

/// `bfd = true` or `bfd = "PROFILE"`.
pub(in crate::config::routing) fn bfd(raw: &SwitchOr<PolicyName>) -> Option<NeighborBfd> {
    match raw {
        SwitchOr::Switch(on) => on.then_some(NeighborBfd::Default),
        SwitchOr::Text(profile) => Some(NeighborBfd::Profile(profile.clone())),
    }
}

fn default_originate(raw: &Form<bool, DefaultOriginateRaw>) -> Option<DefaultOriginate> {
    match raw {
        Form::Short(on) => on.then_some(DefaultOriginate::Always),
        Form::Table(table) => table.route_map.value().map(DefaultOriginate::While),
    }
}

fn local_role(raw: &Form<LocalRole, LocalRoleRaw>) -> Option<(LocalRole, bool)> {
    match raw {
        Form::Short(role) => Some((*role, false)),
        Form::Table(table) => Some((table.role.value()?, table.strict.is_on())),
    }
}

/// FRR has one of both: a session that is closed, or a line in the log.
fn prefix_limit(raw: &Form<MaximumPrefix, PrefixLimitRaw>, cx: &mut Checking<'_>) -> Option<PrefixLimit> {
    let table = match raw {
        Form::Short(limit) => {
            return Some(PrefixLimit {
                limit: limit.get(),
                threshold: None,
                excess: Excess::Closes,
                counts_dropped: false,
            });
        }
        Form::Table(table) => table,
    };
    let restart = table.restart.located();
    let warns = table.warning_only.span().filter(|_| table.warning_only.is_on());
    let excess = match (restart, warns) {
        (Some(restart), Some(warns)) => {
            cx.report(
                Diagnostic::error(E0362, warns, "'warning-only' and 'restart' exclude each other")
                    .label("the session stays up")
                    .also(restart.span, "the session is closed for this long")
                    .hint("remove one of the two"),
            );
            return None;
        }
        (Some(restart), None) => Excess::ClosesFor(restart.value.minutes()),
        (None, Some(_)) => Excess::Warns,
        (None, None) => Excess::Closes,
    };
    Some(PrefixLimit {
        limit: table.limit.get()?.get(),
        threshold: table.threshold.get().map(|threshold| threshold.get()),
        excess,
        counts_dropped: table.force.is_on(),
    })
}

fn local_as(raw: &Form<Asn, LocalAsRaw>, cx: &mut Checking<'_>) -> Option<LocalAs> {
    let (asn, paths) = match raw {
        Form::Short(asn) => (*asn, LocalAsPaths::Both),
        Form::Table(table) => {
            let replaces = table.replace_as.span().filter(|_| table.replace_as.is_on());
            let paths = match (table.no_prepend.is_on(), replaces) {
                (true, Some(_)) => LocalAsPaths::NoPrependReplaceAs,
                (true, None) => LocalAsPaths::NoPrepend,
                (false, None) => LocalAsPaths::Both,
                (false, Some(place)) => {
                    cx.report(
                        Diagnostic::error(E0362, place, "'replace-as' needs 'no-prepend'")
                            .label("FRR has it only beside no-prepend")
                            .hint("add `no-prepend = true`, or remove `replace-as`"),
                    );
                    return None;
                }
            };
            (table.asn.value()?, paths)
        }
    };
    Some(LocalAs { asn, paths })
}

/// `timers = { keepalive, hold }`.
pub(in crate::config::routing) fn timers(
    table: Located<&TimersRaw>,
    cx: &mut Checking<'_>,
) -> Option<(u16, u16)> {
    let (keepalive, hold) = (table.value.keepalive.get()?.get(), table.value.hold.get()?.get());
    let usable = (hold == 0 && keepalive == 0) || (hold >= 3 && (1..=hold / 3).contains(&keepalive));
    if !usable {
        let message = format!("a keepalive of {keepalive} s does not fit a hold time of {hold} s");
        cx.report(Diagnostic::error(E0337, table.span, message).hint(
            "hold must be at least 3 s and keepalive at most a third of it; 0 for both turns the timers off",
        ));
        return None;
    }
    Some((keepalive, hold))
}

/// The content of a `password-file` without its line end. Nothing reported here shows it.
pub(in crate::config::routing) fn password(file: Located<&RelPath>, cx: &mut Checking<'_>) -> Option<Secret> {
    cx.secret(file, "password")
}
