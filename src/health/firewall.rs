//! Whether the rules of [firewall] are in the kernel: anybody's `nft flush ruleset` takes them away, and nothing shows it.

use super::{About, DEADLINE, Running, Wanted};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::exit::{Failure, Kind};
use crate::host::process;
use std::time::Duration;

/// nft reads one table of the kernel's.
const NFT: Duration = Duration::from_secs(3);

/// What makes it a firewall: the table's chain drops what no rule lets in.
const DROPS: &str = "policy drop";

/// `firewall`, if there is one.
pub fn check(wanted: &Wanted) -> Option<Running<'static>> {
    let about = About::new("firewall", Scope::Management, true, true);
    wanted
        .has_firewall
        .then(|| Running::start(about, DEADLINE, look, |about, seen| vec![judge(about, seen)]))
}

fn look() -> Result<String, String> {
    process::run("nft", &["list", "chain", "inet", "imp", "input"], NFT)
        .map_err(|error| Failure::from_error(Kind::Failed, &error).to_string())
}

/// A template of the operator's may have other rules; whoever has none that drop is let know as well.
pub fn judge(about: &About, seen: Result<String, String>) -> CheckOutcome {
    const EXPECTED: &str = "table inet imp in the kernel, dropping what no rule lets in";
    const CURE: &str = "'systemctl restart imp-nftables' loads it";
    match seen {
        Ok(text) if text.contains(DROPS) => about.passed(EXPECTED, "loaded"),
        Ok(_) => about.failed(EXPECTED, format!("the chain does not drop; {CURE}")),
        Err(words) => about.failed(EXPECTED, format!("{words}; {CURE}")),
    }
}
