"""Small tokenizers of sentences of ours: WordPiece as BERT has it, byte-level BPE as RoBERTa has it."""
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

WORDPIECE_SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
BPE_SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]


def wordpiece(sentences, size=0):
    """Every word of the sentences, every letter at the start and inside of a word, and `size` reached with filling. Put
    together by hand, because training breaks ties by chance."""
    words = sorted({word for sentence in sentences for word in sentence.replace(",", " , ").split()})
    letters = sorted({letter for word in words for letter in word})
    tokens = [*WORDPIECE_SPECIALS, *letters, *(f"##{letter}" for letter in letters)]
    tokens += [word for word in words if word not in letters]
    tokens += [f"[unused{n}]" for n in range(size - len(tokens))]
    vocabulary = {token: at for at, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return tokenizer


def byte_bpe(sentences, vocabulary):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=BPE_SPECIALS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sentences, trainer)
    ends = [(name, tokenizer.token_to_id(name)) for name in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    return tokenizer
