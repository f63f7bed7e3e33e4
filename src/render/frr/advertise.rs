//! Router advertisements that FRR sends, in the place of VPP.

use crate::config::{AdvertisedPrefix, RouterAdvertisement, RouterPreference};
use crate::types::Mtu;

/// FRR's own interval, in seconds.
const INTERVAL: u16 = 600;

/// The lines of an interface, without what is FRR's default, in vtysh's order: by their letters.
pub(super) fn lines(ra: &RouterAdvertisement, mtu: Option<Mtu>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut say = |words: String| lines.push(format!("ipv6 nd {words}"));
    if ra.max_interval != INTERVAL {
        say(format!("ra-interval {}", ra.max_interval));
    }
    // RFC 4861 has three times the interval, and so has FRR.
    if ra.lifetime() != 3 * ra.max_interval {
        say(format!("ra-lifetime {}", ra.lifetime()));
    }
    if ra.managed {
        say("managed-config-flag".into());
    }
    if ra.other {
        say("other-config-flag".into());
    }
    if let Some(mtu) = mtu {
        say(format!("mtu {}", mtu.get()));
    }
    ra.prefixes.iter().for_each(|it| say(prefix(it)));
    ra.rdnss.iter().for_each(|it| say(format!("rdnss {it}")));
    ra.dnssl.iter().for_each(|it| say(format!("dnssl {it}")));
    if ra.preference != RouterPreference::Medium {
        say(format!("router-preference {}", ra.preference.word()));
    }
    lines.sort_unstable();
    lines
}

/// What no lifetime is written for holds for ever, as VPP has it: FRR's own are a month and a week.
fn prefix(it: &AdvertisedPrefix) -> String {
    let lifetimes = match it.lifetimes {
        Some((valid, preferred)) => format!("{valid} {preferred}"),
        None => "infinite infinite".to_owned(),
    };
    let on_link = if it.on_link { "" } else { " off-link" };
    let autonomous = if it.autonomous { "" } else { " no-autoconfig" };
    format!("prefix {} {lifetimes}{on_link}{autonomous}", it.prefix)
}
