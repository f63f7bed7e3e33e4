//! How the ledger changes from boot to boot: what is recorded when a trial comes up, when it came back, when it is over.

use super::classify::{Attempt, Class, LoaderState};
use super::ledger::{Culprit, End, Ended, Ledger, Pair, Quarantined, Stage, Trial};
use super::sequence::{self, Write};
use crate::types::BootId;
use crate::types::generation::Id;

/// What the ledger becomes when a boot of this class begins, and the writes that make the loader's store agree.
///
/// `known` is what is known about a trial that came to nothing. After one that failed it is evidence against the image, such as
/// an oops or a watchdog: one that vanished without it and without a verdict may have been a power cut, so its image is not
/// quarantined. After one that was not attempted it is what became of its token.
pub fn begin(
    class: Class,
    loader: &LoaderState,
    ledger: &Ledger,
    boot: &BootId,
    known: Option<&str>,
) -> (Ledger, Vec<Write>) {
    match class {
        Class::Steady | Class::Manual | Class::SoftReboot => (ledger.clone(), Vec::new()),
        Class::Trial => {
            let tried = tried(ledger, loader, boot);
            (tried.clone(), vec![Write::Ledger(Box::new(tried))])
        }
        // Its end is on record, only its token could not be cleared away: by a power cut, or on a full pool.
        Class::FailedEarly if ledger.is_over(loader.token.attempt()) => (ledger.clone(), vec![Write::Clear]),
        Class::FailedEarly => {
            let ended = failed(ledger, loader, known);
            (ended.clone(), sequence::close(ended))
        }
        Class::NotAttempted => {
            let mut ended = ledger.clone();
            ended.end_trial(
                End::NotAttempted,
                None,
                known.unwrap_or("its token was not used: the loader started the default"),
            );
            (ended.clone(), sequence::call_off(ended))
        }
        Class::BlessedUnrecorded => {
            let ended = blessed(ledger, None);
            (ended.clone(), sequence::bless(&loader.booted, ended))
        }
    }
}

/// The ledger while the trial is on its one attempt. A ledger that lost the trial takes it from the token.
fn tried(ledger: &Ledger, loader: &LoaderState, boot: &BootId) -> Ledger {
    let mut ledger = ledger.clone();
    let attempt = loader.token.attempt();
    let known = ledger
        .trial
        .take()
        .filter(|trial| attempt.is_none_or(|attempt| attempt.trial == trial.id));
    ledger.trial = known.or_else(|| attempt.map(|attempt| unknown(attempt, loader, boot)));
    if let Some(trial) = &mut ledger.trial {
        trial.tried_in = Some(boot.clone());
        trial.stage = trial.stage.clone().max(Stage::Trying);
    }
    ledger
}

fn unknown(attempt: &Attempt, loader: &LoaderState, boot: &BootId) -> Trial {
    Trial {
        id: attempt.trial.clone(),
        image: attempt.image.clone(),
        identity: None,
        from: Pair {
            // Only the image that runs is known where power-on starts something else than an image.
            image: loader.default.image().unwrap_or(&loader.booted).clone(),
            config: None,
        },
        armed_in: boot.clone(),
        tried_in: None,
        stage: Stage::Trying,
        drill: false,
    }
}

/// The ledger after a trial that failed, with the default running again.
fn failed(ledger: &Ledger, loader: &LoaderState, proof: Option<&str>) -> Ledger {
    let mut ended = ledger.clone();
    // A ledger that lost the trial still records what the token says.
    if ended.trial.is_none() {
        ended.trial = loader.token.attempt().map(|attempt| Trial {
            stage: Stage::Armed,
            ..unknown(attempt, loader, &BootId::nil())
        });
    }
    let Some(trial) = &ended.trial else {
        return ended;
    };
    if trial.passed_drill() {
        ended.end_trial(End::DrillPassed, None, "the previous image came back by itself");
        return ended;
    }
    let (reason, condemned) = match (&trial.stage, proof) {
        (Stage::Rejected(reason), _) => (reason.clone(), true),
        (Stage::Trying | Stage::TryingOldConfig, Some(proof)) => (format!("it came up, then: {proof}"), true),
        (Stage::Trying | Stage::TryingOldConfig, None) => {
            ("it came up and was gone before a verdict".to_owned(), false)
        }
        (_, Some(proof)) => (format!("it did not come up: {proof}"), true),
        (_, None) => ("it did not come up and left no trace".to_owned(), false),
    };
    // The copy of a drill has the contents of the running image.
    if condemned && !trial.drill {
        let (image, identity) = (trial.image.clone(), trial.identity.clone());
        ended.quarantine.retain(|other| other.image != image);
        ended.quarantine.insert(
            0,
            Quarantined {
                image,
                identity,
                reason: reason.clone(),
            },
        );
    }
    ended.end_trial(End::Failed, None, reason);
    ended
}

/// The ledger in which the image of the trial is blessed.
pub fn blessed(ledger: &Ledger, config: Option<Id>) -> Ledger {
    let mut ended = ledger.clone();
    let Some(trial) = ended.trial.clone() else {
        return ended;
    };
    let culprit = (trial.stage == Stage::TryingOldConfig).then_some(Culprit::Configuration);
    let reason = match culprit {
        Some(_) => "healthy with the previous configuration; the newer one is held back",
        None => "healthy",
    };
    ended.quarantine.retain(|other| other.image != trial.image);
    if config.is_some() {
        ended.add_good(Pair {
            image: trial.image,
            config,
        });
    }
    ended.end_trial(End::Blessed, culprit, reason);
    ended
}

/// The ledger once the previous image has a verdict of its own: it names the culprit of the trial that failed before it. There
/// is no culprit where nothing speaks against the tried image: the power may have been cut.
pub fn attribute(ledger: &Ledger, culprit: Culprit) -> Ledger {
    let mut ledger = ledger.clone();
    let condemned = |last: &Ended| {
        let all = &ledger.quarantine;
        all.iter()
            .any(|other| other.image == last.image && other.reason == last.reason)
    };
    if ledger.past.first().is_some_and(condemned)
        && let Some(last) = ledger.past.first_mut()
        && last.end == End::Failed
        && last.culprit.is_none()
    {
        last.culprit = Some(culprit);
    }
    ledger
}
