//! Whether systemd has what a boot needs, and which units failed beside it.
//!
//! "active" proves little, so the units of VPP, FRR, Incus and the NICs are not judged here: those have checks of their own.

use super::{About, DEADLINE, Running};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::exit::{Failure, Kind};
use crate::host::bus::{self, BusError, Looked, UnitReport};

/// What no router is without, in the order of a boot, and whether a configuration can be the reason.
const VITAL: [(&str, bool); 10] = [
    ("systemd-journald.service", false),
    ("systemd-udevd.service", false),
    ("dbus.service", false),
    ("local-fs.target", false),
    ("sysinit.target", false),
    ("imp-machine-id.service", false),
    ("imp-config.service", true),
    ("imp-identity.service", true),
    ("imp-nftables.service", true),
    ("systemd-networkd.service", true),
];

/// These fail because a check failed: a check of them would keep its own verdict alive.
const VERDICT: &str = "imp-boot-";

/// What systemd says; the failed units of others only warn.
pub fn check() -> Running<'static> {
    let about = About::new("units", Scope::Boot, true, false);
    let names: Vec<String> = VITAL.iter().map(|(name, _)| (*name).to_owned()).collect();
    Running::start(about, DEADLINE, move || bus::look(&names), judge)
}

/// The results: one for all vital units that are well, one for each that is not, one for all others.
pub fn judge(about: &About, seen: Result<Looked, BusError>) -> Vec<CheckOutcome> {
    let looked = match seen {
        Ok(looked) => looked,
        Err(error) => {
            let words = Failure::from_error(Kind::Failed, &error).to_string();
            return vec![about.failed("systemd answers", words)];
        }
    };
    let bad: Vec<&UnitReport> = looked.units.iter().filter(|unit| !is_well(unit)).collect();
    let mut outcomes: Vec<CheckOutcome> = bad.iter().map(|unit| judge_one(about, unit)).collect();
    if bad.is_empty() {
        outcomes.push(about.passed(format!("{} vital units active", looked.units.len()), "active"));
    }
    let said = |name: &str| name.starts_with(VERDICT) || VITAL.iter().any(|(vital, _)| *vital == name);
    let failed = looked.failed.iter().map(String::as_str);
    let failed: Vec<&str> = failed.filter(|name| !said(name)).collect();
    let others = About::new("other units", Scope::Boot, false, true);
    outcomes.push(match failed.is_empty() {
        true => others.passed("none failed", "none failed"),
        false => others.failed("none failed", format!("failed: {}", failed.join(", "))),
    });
    outcomes
}

/// A skipped one has nothing to do on this machine.
fn is_well(unit: &UnitReport) -> bool {
    unit.state.active == "active" || unit.state.active == "reloading" || unit.skipped
}

fn judge_one(about: &About, unit: &UnitReport) -> CheckOutcome {
    let state = &unit.state;
    let config_can_cause = VITAL.iter().any(|(name, can)| *name == state.name && *can);
    let observed = match (state.load.as_str(), &unit.why) {
        ("loaded", Some(why)) => format!("{} ({why})", state.active),
        ("loaded", None) => format!("{} ({})", state.active, state.sub),
        (load, _) => load.to_owned(),
    };
    let about = About {
        name: format!("unit {}", state.name),
        config_can_cause,
        ..about.clone()
    };
    about.failed("active", observed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::bus::UnitState;

    fn unit(name: &str, active: &str, skipped: bool, why: Option<&str>) -> UnitReport {
        let state = UnitState {
            name: name.to_owned(),
            load: "loaded".to_owned(),
            active: active.to_owned(),
            sub: "dead".to_owned(),
        };
        let why = why.map(str::to_owned);
        UnitReport { state, skipped, why }
    }

    fn about() -> About {
        About::new("units", Scope::Boot, true, false)
    }

    #[test]
    fn a_failed_unit_of_others_does_not_reject() {
        let looked = Looked {
            units: vec![
                unit("imp-config.service", "active", false, None),
                unit("imp-nftables.service", "inactive", true, None),
            ],
            failed: ["imp-boot-assess.service", "logrotate.service"]
                .map(str::to_owned)
                .into(),
        };
        let outcomes = judge(&about(), Ok(looked));
        assert!(!outcomes.iter().any(CheckOutcome::rejects), "{outcomes:?}");
        assert_eq!(outcomes[1].observed, "failed: logrotate.service");
    }

    #[test]
    fn a_vital_one_is_named_and_says_why() {
        let looked = Looked {
            units: vec![
                unit("dbus.service", "active", false, None),
                unit("imp-identity.service", "failed", false, Some("exit-code")),
                unit("systemd-udevd.service", "inactive", false, None),
            ],
            failed: vec!["imp-identity.service".to_owned()],
        };
        let outcomes = judge(&about(), Ok(looked));
        assert_eq!(
            outcomes[0].sentence(),
            "unit imp-identity.service: expected active, observed failed (exit-code)"
        );
        assert!(outcomes[0].rejects() && outcomes[0].config_can_cause);
        assert!(outcomes[1].rejects() && !outcomes[1].config_can_cause);
        assert_eq!(outcomes[1].observed, "inactive (dead)");
        assert_eq!(outcomes[2].observed, "none failed", "it is not said twice");
    }
}
