"""A bundle's folder as Bailiff reads it: model, tokenizer, golden cases, manifest with their digests."""
import hashlib
import json


def write_bundle(folder, model, tokenizer, golden, manifest):
    folder.mkdir(parents=True, exist_ok=True)
    files = {"model.onnx": model.SerializeToString(deterministic=True), "golden.json": _json(golden)}
    if tokenizer is not None:
        files["tokenizer.json"] = tokenizer.to_str(pretty=False).encode("utf-8") + b"\n"
    for name, content in files.items():
        (folder / name).write_bytes(content)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    head = {"schema": "bailiff-model-bundle/1", "files": digests}
    (folder / "manifest.json").write_bytes(_json(head | manifest))


def label(name, clause, source):
    """A label as the manifest has it, uncalibrated: the ratio is the model's own logit, against a prior of a half."""
    return {
        "label": name,
        "clauses": [clause],
        "from": source,
        "standsAlone": True,
        "calibration": {"slope": 1, "offset": 0, "cap": 4.605, "floor": -4.605},
    }


def _json(value):
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
