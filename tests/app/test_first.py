"""`init`: what it writes is read by all that read it; it says what the money reaches."""

import tomllib
from pathlib import Path

import pytest

from command_line import Command
from underwriter.app.policy_file import read_policy


def test_a_first_policy_on_the_history_that_comes_along_is_planned_tested_and_examined(
    underwriter: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = underwriter("init", "mine")
    assert made.code == 0
    policy = tmp_path / "mine" / "wheel.toml"
    assert "wrote mine/underwriter.toml\nwrote mine/wheel.toml\n" in made.out
    assert "SPX/10: one contract takes " in made.out
    assert made.out.endswith(
        "next:\n  cd mine\n  underwriter doctor ./wheel.toml\n  underwriter plan ./wheel.toml\n"
        "  underwriter backtest ./wheel.toml\n"
    )
    assert read_policy(policy).content.universe == ("SPX/10",)
    monkeypatch.chdir(policy.parent)
    plan = underwriter("plan", "./wheel.toml", "--json")
    assert (plan.code, plan.json["before"]["cash"]) == (0, 1_000_000.0)
    doctor = underwriter("doctor", "--json")
    assert doctor.code == 0
    found = {one["name"]: one for one in doctor.json["findings"]}
    assert found["settings"]["found"] == str(policy.parent / "underwriter.toml")
    assert found["policies"]["found"] == "wheel: wheel on SPX/10"
    backtest = underwriter("backtest", "./wheel.toml", "--to", "2014-03", "--json")
    assert backtest.code == 0


def test_symbols_of_ones_own_stand_in_the_policy_with_the_cash_in_the_settings(
    underwriter: Command, tmp_path: Path
) -> None:
    made = underwriter("init", "--symbols", "ko,SPY", "--cash", "60000", "--json")
    assert made.code == 0
    content = read_policy(tmp_path / "wheel.toml").content
    assert (content.universe, content.strategy, content.least_capital) == (
        ("KO", "SPY"),
        "wheel",
        0.0,
    )
    settings = tomllib.loads((tmp_path / "underwriter.toml").read_text(encoding="utf-8"))
    assert settings == {"account": {"starting_cash": 60_000}, "fills": {}}
    assert [one["underlying"] for one in made.json["underlyings"]] == ["KO", "SPY"]
    assert all("data collect" in one["note"] for one in made.json["underlyings"])
    assert made.json["next"] == [
        "underwriter data collect KO SPY", "underwriter doctor ./wheel.toml",
        "underwriter plan ./wheel.toml", "underwriter backtest ./wheel.toml",
    ]  # fmt: skip
    assert underwriter("doctor").code == 3  # no quotes of them yet


@pytest.mark.usefixtures("lake")
def test_the_least_equity_is_said_and_what_to_do_below_it(
    underwriter: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich = underwriter("init", "rich", "--symbols", "SYN", "--cash", "500000", "--json")
    (one,) = rich.json["underlyings"]
    assert (one["enough"], one["day"], one["note"]) == (True, "2024-04-12", None)
    assert 1_000 < one["least_equity"] < 500_000
    poor = underwriter("init", "poor", "--symbols", "SYN", "--cash", "1000")
    least = f"SYN: one contract takes {one['least_equity']:,.0f} dollars of equity (2024-04-12)"
    assert f"{least}; 1,000 is too little; below it: a spread on it" in poor.out
    for word in ("spread", "XSP", "cheaper name"):
        assert word in poor.out
    for folder, opens in {"rich": True, "poor": False}.items():  # a Monday, on which it may enter
        monkeypatch.chdir(tmp_path / folder)
        plan = underwriter("plan", "./wheel.toml", "--as-of", "2024-04-08", "--json")
        assert bool(plan.json["orders"]) is opens


@pytest.mark.parametrize("symbols", ["XSP", "SPXW", "RUT"])
def test_an_index_that_settles_in_cash_gets_spreads(
    underwriter: Command, tmp_path: Path, symbols: str
) -> None:
    assert underwriter("init", "--symbols", symbols, "--cash", "30000").code == 0
    content = read_policy(tmp_path / "put-spread.toml").content
    assert (content.strategy, content.universe) == ("put_spread", (symbols,))
    assert (content.entry.width, content.entry.long_delta) == (None, 0.15)


@pytest.mark.parametrize("there", ["underwriter.toml", "wheel.toml"])
def test_nothing_is_overwritten_and_nothing_is_left_beside(
    underwriter: Command, tmp_path: Path, there: str
) -> None:
    (tmp_path / there).write_text("mine", encoding="utf-8")
    told = underwriter("init")
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert f"{there}: found it there already" in told.err
    assert (tmp_path / there).read_text(encoding="utf-8") == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(["home", there])


def test_where_the_second_file_cannot_be_written_the_first_goes_too(
    underwriter: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def full(path: Path, *given: str, **named: str) -> object:
        if path.name == "wheel.toml":
            raise OSError(28, "No space left on device")
        return opened(path, *given, **named)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        told = underwriter("init", "mine", "--symbols", "KO")
    assert (told.code, "no space left on device" in told.err) == (2, True)
    assert list((tmp_path / "mine").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--symbols", "KO,K O"], "'K O'; expected symbols such as KO,SPY"),
        (["--symbols", "KO,,SPY"], "''; expected symbols"),
        (["--symbols", "KO,ko"], "twice"),
        (["--symbols", "SPX/10,KO"], "SPX/10, which is modelled, beside others"),
        (["--symbols", "XSP,KO"], "XSP, which settles in cash, beside shares"),
        (["--cash", "0"], "found 0; expected dollars, from 1"),
        (["--cash", "nan"], "found nan"),
        (["file/below"], "expected a folder that can be written"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    underwriter: Command, tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    told = underwriter("init", *words)
    assert (told.code, told.err.count("\n")) == (2, 1)
    assert said in told.err
    assert not (tmp_path / "underwriter.toml").exists()
