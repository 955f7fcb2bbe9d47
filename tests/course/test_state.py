"""What a finished chapter rests on."""


def test_the_ground_covers_library_data_and_corpus(tmp_path, monkeypatch):
    from vcemo_lib.course.run import state

    library, data, corpus = tmp_path / "lib", tmp_path / "data", tmp_path / "corpus"
    for folder in (library, data, corpus):
        folder.mkdir()
    for name, path in (("LIBRARY", library), ("DATA", data), ("ASSETS", data), ("ROOT", tmp_path)):
        monkeypatch.setattr(state, name, path)
    seen = [state.Ground(str(corpus)).common]
    for path in (library / "a.py", data / "x.parquet", corpus / "a.wav", tmp_path / "requirements.lock"):
        path.write_text("1")
        seen.append(state.Ground(str(corpus)).common)
    (library / "notes.txt").write_text("not code")
    assert len(set(seen)) == 5
    assert state.Ground(str(corpus)).common == seen[-1]
