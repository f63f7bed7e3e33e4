//! What the results of the checks mean for a boot. Time is only what the caller says has passed.

use super::classify::Class;
use super::outcome::CheckOutcome;
use crate::types::generation::Id;

/// What is decided from.
#[derive(Debug)]
pub struct Situation<'a> {
    /// What kind of boot it is.
    pub class: Class,
    /// A drill: it goes back although everything is well.
    pub drill: bool,
    /// The newest results.
    pub outcomes: &'a [CheckOutcome],
    /// Whether the time for becoming healthy is over.
    pub late: bool,
    /// The generation to try before the image is rejected; `None` when there is no other, or it is running already.
    pub other_config: Option<&'a Id>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Not healthy yet, and there is time.
    Wait,
    /// Healthy: a trial is blessed, the pair is good.
    Good,
    /// Not healthy in a way a configuration can cause: this generation is applied, and the checks start again.
    TryConfig(Id),
    /// The trial is rejected: evidence, then a plain reset, which lands on the previous image.
    GiveUp(String),
    /// Not healthy, which is only reported: a blessed image is never rebooted for image reasons.
    Alarm(String),
}

/// Decides.
pub fn judge(situation: &Situation<'_>) -> Decision {
    let bad: Vec<&CheckOutcome> = situation
        .outcomes
        .iter()
        .filter(|outcome| outcome.rejects())
        .collect();
    let drill = situation.drill && situation.class == Class::Trial;
    match bad.first() {
        None if drill => Decision::GiveUp("a drill: everything is healthy, going back on purpose".to_owned()),
        None => Decision::Good,
        Some(_) if !situation.late => Decision::Wait,
        Some(first) => {
            if let Some(config) = situation.other_config
                && bad.iter().any(|outcome| outcome.config_can_cause)
                && !matches!(situation.class, Class::Manual | Class::SoftReboot)
            {
                return Decision::TryConfig(config.clone());
            }
            let reason = first.sentence();
            match situation.class {
                Class::Trial => Decision::GiveUp(reason),
                _ => Decision::Alarm(reason),
            }
        }
    }
}
