//! What an operator is told on the console and at the login.

use super::*;

#[test]
fn console_and_login_are_told_in_two_lines_and_then_no_more() {
    let site = Site::new();
    let issue = site.path("run/issue.d/30-imp.issue");
    evidence::announce(&site.root, &record(Class::Trial, None));
    assert_eq!(
        fs::read_to_string(&issue).unwrap(),
        "\n*** imp: tank/ROOT/b is on trial until it is found healthy.\n\
         *** Any reset returns to tank/ROOT/a. `impctl boot status` shows the progress.\n\n"
    );
    let odd = Some(Verdict::Alarm(
        "vpp: observed \\n\u{1b}[31m\nsecond line".to_owned(),
    ));
    evidence::announce(&site.root, &record(Class::Steady, odd));
    let text = fs::read_to_string(&issue).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(
        text.contains("\\\\n [31m second line"),
        "no escape of agetty's, none of the terminal's: {text}"
    );
    assert!(site.path("run/motd.d/30-imp").exists());
    evidence::announce(&site.root, &record(Class::Steady, Some(Verdict::Good)));
    assert!(!issue.exists() && !site.path("run/motd.d/30-imp").exists());
}

#[test]
fn every_kind_of_boot_has_its_notice() {
    let last = Ended {
        id: trial(),
        image: image("b"),
        end: End::Failed,
        culprit: None,
        reason: "it did not come up".to_owned(),
    };
    let what =
        |class, verdict| Announcement::of(&record(class, verdict), Some(&last)).map(|notice| notice.what);
    assert_eq!(what(Class::Steady, None), None);
    assert_eq!(what(Class::BlessedUnrecorded, Some(Verdict::Good)), None);
    assert_eq!(what(Class::Trial, Some(Verdict::Good)), None);
    let told = |class, verdict| what(class, verdict).unwrap();
    assert_eq!(
        told(Class::FailedEarly, Some(Verdict::Good)),
        "the trial of tank/ROOT/b failed: it did not come up"
    );
    assert_eq!(
        told(Class::NotAttempted, None),
        "tank/ROOT/b was armed but never started"
    );
    assert_eq!(
        told(Class::Manual, None),
        "tank/ROOT/a was started by hand; power-on starts tank/ROOT/a"
    );
    assert_eq!(
        told(Class::Trial, Some(Verdict::GivenUp("vpp".to_owned()))),
        "the trial of tank/ROOT/b is over: vpp"
    );
}
