//! What no schema expresses. Each function reads like the sentence it enforces and has a code of its own.
//!
//! Those that see one table are called while it is decoded; [`run`] calls those that compare tables. All are linear,
//! or a sort and a sweep.

pub(in crate::config) use super::links::check::{address, cores as vpp, mtu as interface, names, nic};
pub(in crate::config) use super::machine::check::{firewall, management, system};
pub(in crate::config) use super::nat::check as nat;

use super::code::E0222;
use super::diag::Diagnostic;
use super::reader::{Cx, Located};
use std::collections::HashMap;
use std::hash::Hash;

/// Compares the tables with each other, by what was entered in the index while they were decoded.
pub(in crate::config) fn run(cx: &Cx<'_>) {
    system::targets_differ(cx);
    nic::no_nic_is_matched_twice(cx);
    nic::hardware_addresses_differ(cx);
    names::nothing_is_called_alike(cx);
    names::nothing_is_called_like_vpps_own(cx);
    address::subnets_are_disjoint(cx);
    address::links_to_nat_are_free(cx);
    vpp::core_is_there(cx);
    vpp::cores_have_one_owner(cx);
    vpp::heaps_hold_their_mappings(cx);
    nat::instances_are_their_own(cx);
    nat::interfaces_exist(cx);
    nat::prefixes_are_disjoint(cx);
    nat::outside_is_not_connected(cx);
    vpp::instances_have_work(cx);
}

/// No value stands in a list twice; compared as parsed.
pub(in crate::config) fn listed_once<T: Hash + Eq>(cx: &Cx<'_>, list: &[Located<T>]) {
    let mut seen = HashMap::with_capacity(list.len());
    for item in list {
        if let Some(first) = seen.insert(&item.value, item.span) {
            cx.report(
                Diagnostic::error(E0222, item.span, "the same value is listed twice")
                    .also(first, "first here"),
            );
        }
    }
}
