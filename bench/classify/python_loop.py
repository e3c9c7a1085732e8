"""A plain loop as people write it: tokenizers and onnxruntime, one text at a time. Texts on standard input, one a line."""
import json
import resource
import sys
import time

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

folder, threads = sys.argv[1], int(sys.argv[2])
tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(f"{folder}/model.onnx", options, providers=["CPUExecutionProvider"])
texts = [line.rstrip("\n") for line in sys.stdin]


def score(text):
    ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
    return session.run(["logits"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})


score(texts[0])
cpu, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
for text in texts:
    score(text)
after, seconds = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - wall
spent = after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime
print(json.dumps({"wallSeconds": seconds, "cpuSeconds": spent}))
