//! Which of many subnets share addresses: one sort, one sweep.

use crate::config::source::Span;
use crate::types::Prefix;
use ipnet::IpNet;

/// Calls `report` with the indexes of each subnet and of one before it in the order of addresses that it shares
/// addresses with. Subnets nest or are disjoint, so one that is still open is enough to compare with.
pub(in crate::config) fn each_overlap<T>(
    items: &[T],
    subnet: impl Fn(&T) -> Prefix,
    mut report: impl FnMut(&T, &T),
) {
    let key = |item: &T| match subnet(item).net() {
        IpNet::V4(net) => (4, u128::from(net.network().to_bits()), net.prefix_len()),
        IpNet::V6(net) => (6, net.network().to_bits(), net.prefix_len()),
    };
    let mut order: Vec<&T> = items.iter().collect();
    order.sort_by_key(|item| key(item));
    let mut open: Option<&T> = None;
    for item in order {
        match open {
            Some(wider) if subnet(wider).contains(subnet(item)) => report(wider, item),
            _ => open = Some(item),
        }
    }
}

/// The two in the order of the documents: the finding is reported at the later one.
pub(in crate::config) fn in_order<T>(one: T, other: T, span: impl Fn(&T) -> Span) -> (T, T) {
    if span(&one) <= span(&other) {
        (one, other)
    } else {
        (other, one)
    }
}
