//! What is made of a boot that is not healthy.

use super::*;

#[test]
fn only_a_trial_is_ever_reset_and_a_configuration_goes_first() {
    let bad = |scope, required, config_can_cause| CheckOutcome {
        name: "vpp".to_owned(),
        scope,
        required,
        config_can_cause,
        state: CheckState::Failed,
        expected: "the marker of core".to_owned(),
        observed: "nothing".to_owned(),
        took_ms: 1,
    };
    let say = |class, drill, outcomes: &[CheckOutcome], late, other: Option<&str>| {
        let other = other.map(|id| id.parse().unwrap());
        judge(&Situation {
            class,
            drill,
            outcomes,
            late,
            other_config: other.as_ref(),
        })
    };
    let reason = "vpp: expected the marker of core, observed nothing".to_owned();
    let other = "0123456789ab";
    let forwarding = [bad(Scope::Forwarding, true, true)];
    for class in [
        Class::Steady,
        Class::FailedEarly,
        Class::NotAttempted,
        Class::BlessedUnrecorded,
        Class::Manual,
    ] {
        assert_eq!(
            say(class, false, &forwarding, true, None),
            Decision::Alarm(reason.clone()),
            "{class:?}"
        );
    }
    assert_eq!(
        say(Class::Trial, false, &forwarding, false, Some(other)),
        Decision::Wait
    );
    let config = Decision::TryConfig(other.parse().unwrap());
    assert_eq!(say(Class::Trial, false, &forwarding, true, Some(other)), config);
    assert_eq!(say(Class::Steady, false, &forwarding, true, Some(other)), config);
    assert_eq!(
        say(Class::Manual, false, &forwarding, true, Some(other)),
        Decision::Alarm(reason.clone())
    );
    assert_eq!(
        say(Class::Trial, false, &forwarding, true, None),
        Decision::GiveUp(reason.clone())
    );
    let image_only = [bad(Scope::Boot, true, false)];
    assert_eq!(
        say(Class::Trial, false, &image_only, true, Some(other)),
        Decision::GiveUp(reason)
    );
    // What is only wanted, beside the router or outside it rejects nothing.
    let harmless = [
        bad(Scope::Forwarding, false, true),
        bad(Scope::Service, true, true),
        bad(Scope::Outside, true, true),
    ];
    assert_eq!(say(Class::Trial, false, &harmless, true, None), Decision::Good);
    // A drill goes back although all is well.
    assert!(matches!(
        say(Class::Trial, true, &harmless, true, None),
        Decision::GiveUp(_)
    ));
    assert_eq!(say(Class::Steady, true, &harmless, true, None), Decision::Good);
}
