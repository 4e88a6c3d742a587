"""T96: no secret in what is said, logged or sent, in whatever form; and where they are kept."""

import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from underwriter.app.log import FILE, FOLDER, open_log
from underwriter.app.secrets import (
    Scrub,
    Secret,
    all_secrets,
    find_secret,
    scrub_of,
    shown_url,
)
from underwriter.core.errors import InputError

MARKS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
SECRET = st.text(MARKS, min_size=4, max_size=40).map(str.strip).filter(lambda text: len(text) > 3)
TOKEN = st.text("abcdefXYZ0123456789_-", min_size=12, max_size=40)


def kept(home: Path, text: str, mode: int = 0o600) -> Path:
    path = home / "secrets.env"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    path = kept(tmp_path, "# mine\n\nexport A_TOKEN = 'of the file'\nB_TOKEN=\"b = c\"\n")
    assert find_secret("A_TOKEN", tmp_path, {"A_TOKEN": "e"}) == Secret(
        "A_TOKEN", "e", "environment"
    )
    assert find_secret("A_TOKEN", tmp_path, {}) == Secret("A_TOKEN", "of the file", str(path))
    assert find_secret("B_TOKEN", tmp_path, {}) == Secret("B_TOKEN", "b = c", str(path))
    assert find_secret("C_TOKEN", tmp_path, {}) is None
    assert find_secret("C_TOKEN", tmp_path / "none", {}) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_file_that_others_may_read_is_refused_with_its_mend(tmp_path: Path, mode: int) -> None:
    kept(tmp_path, "A_TOKEN=hush-hush", mode)
    with pytest.raises(InputError, match="chmod 600") as refusal:
        find_secret("A_TOKEN", tmp_path, {})
    assert "hush" not in str(refusal.value)


def test_t96_a_line_that_cannot_be_read_is_refused_without_being_shown(tmp_path: Path) -> None:
    kept(tmp_path, "A_TOKEN=first-secret\nhush-hush\n")
    with pytest.raises(InputError, match="line 2: expected NAME=VALUE") as refusal:
        find_secret("B_TOKEN", tmp_path, {})
    assert "hush" not in str(refusal.value)
    assert [each.value for each in all_secrets(tmp_path, {})] == ["first-secret"]
    (tmp_path / "secrets.env").write_bytes(b"A_TOKEN=\xff\xfehush")
    with pytest.raises(InputError, match="cannot be read") as refusal:
        find_secret("A_TOKEN", tmp_path, {})
    assert "hush" not in str(refusal.value)


def test_t96_a_secret_hides_itself() -> None:
    secret = Secret("A_TOKEN", "hush-hush", "environment")
    assert "hush" not in f"{secret} {secret!r} {[secret]}"


@given(secret=SECRET, before=st.text(MARKS), after=st.text(MARKS))
@example("a.b*c(d", "", "")
def test_t96_a_secret_that_is_known_is_found_in_every_form(
    secret: str, before: str, after: str
) -> None:
    scrub = Scrub([secret])
    for form in {secret, quote(secret, safe=""), quote_plus(secret, safe="")}:
        assert form not in scrub(f"{before}{form}{after}").replace("***", "")


URLS = [
    ("tgram://{t}/-100200300", "the bot of Telegram"),
    ("discord://{t}/{u}", "a webhook of Discord"),
    ("slack://{t}/{u}/{v}/#general", "the tokens of Slack"),
    ("mailtos://someone:{t}@mail.example.com?to=me@example.com", "the password of a mailbox"),
    ("json://localhost:8080/hooks/{t}", "a path that nobody else knows"),
    ("jsons://user:{t}@example.com/hook?+Authorization=Bearer%20{u}", "a header"),
    ("ntfys://example.com/{t}?token={u}", "a topic"),
]


@pytest.mark.parametrize(("url", "what"), URLS)
@given(t=TOKEN, u=TOKEN, v=TOKEN)
def test_t96_every_part_of_a_url_is_hidden_by_itself(
    url: str, what: str, t: str, u: str, v: str
) -> None:
    made = url.format(t=t, u=u, v=v)
    scrub = Scrub([made])
    for part in [each for each in (t, u, v) if each in made]:
        assert part not in scrub(f"POST /{part} failed: '{part}' ({made})"), what
    assert shown_url(made) == f"{made.split('://', 1)[0]}://***"


@pytest.mark.parametrize(
    "said",
    [
        "APCA_API_SECRET_KEY={}",
        "APCA-API-SECRET-KEY: {}",
        '"api_key": "{}"',
        "{{'access_token': '{}'}}",
        "postgresql://clerk:{}@books.example/ledger",
        "https://user:{}@example.com/x",
        "GET /v2?token={}&x=1",
        "Authorization: Bearer {}",
        "Authorization: Basic {}",
        "PGPASSWORD={}",
        "password = {}",
    ],
)
@given(secret=TOKEN)
def test_t96_what_looks_like_a_secret_is_hidden_though_nobody_knows_it(
    said: str, secret: str
) -> None:
    assert secret not in Scrub([])(said.format(secret))


def test_t96_an_alpaca_key_is_known_by_its_shape() -> None:
    assert Scrub([])("key PKABCDEFGH12345678 was refused") == "key *** was refused"


@pytest.mark.parametrize(
    "said",
    [
        "Sold 2 KO 2026-02-20 P 60 at 0.85: +170.00, fee 1.32",
        "notify: the webhook of 2026 did not answer",
        "book and broker differ: key KO",
        "postgresql://clerk@books.example/ledger",
    ],
)
def test_what_is_no_secret_stays(said: str) -> None:
    assert Scrub(["json://localhost:8080/notify/webhook/2026"])(said) == said


def test_what_is_too_short_to_be_one_is_not_looked_for() -> None:
    assert Scrub(["", "ab", "x://y"])("a cab") == "a cab"


@given(
    secrets=st.lists(TOKEN, min_size=3, max_size=3, unique=True),
    key=st.sampled_from(["url", "why", "password", "api_key", "odd"]),
)
def test_t96_no_kind_of_secret_reaches_the_log(
    tmp_path_factory: pytest.TempPathFactory, secrets: list[str], key: str
) -> None:
    """A known one of the environment, one of the file, one that only its key gives away: grep."""
    home = tmp_path_factory.mktemp("home")
    of_environment, of_file, of_key = secrets
    url = f"tgram://{of_environment}/12345"
    kept(home, f"APCA_API_SECRET_KEY={of_file}")
    log = open_log(home, scrub_of(home, {"UNDERWRITER_NOTIFY_PHONE": url}))
    said = f"sent to {url}"
    log.info(said, **{key: of_file, "deep": [{"tuple": (of_environment, 1)}]})
    log.warning("refused", headers={"Authorization": f"Bearer {of_key}", of_file: b"x"})
    log.error("raw", body=f"{of_environment}\n{of_file}".encode(), token=of_key, when=Path(of_file))
    try:
        int(f"could not post to {url} with {of_file}")
    except ValueError:
        log.exception("failed", place=f"https://u:{of_key}@example.com")
    written = (home / FOLDER / FILE).read_text(encoding="utf-8")
    assert not [secret for secret in secrets if secret in written]
    assert written.count("\n") == 4
    assert all(json.loads(line)["event"] for line in written.splitlines())
