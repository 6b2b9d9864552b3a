"""Laws from gradients of transformers and of adapters: counted by hand, none false, without a graph."""

from collections import Counter

import pytest

import equipoise as eq

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")
nn, F = torch.nn, torch.nn.functional
find = eq.adapters.torch.conservation_laws
WORDS, LAYERS = 60, 2
TINY = {"vocab_size": WORDS, "hidden_size": 24, "num_hidden_layers": LAYERS, "intermediate_size": 40}


def words():
    return torch.randint(WORDS, (4, 12))


def causal(model):
    """A backward pass of a language model on random words."""
    return lambda: F.cross_entropy(model(words()).logits.flatten(0, 1), words().flatten()).backward()


def families(laws):
    """How many families there are that are no scales, by width, number of columns, and width of the matrix law."""
    return Counter((law.width, len(law.columns), law.matrix) for law in laws.laws if not law.is_invariance)


def in_each_layer(layer):
    return Counter({key: LAYERS * count for key, count in layer.items()})


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def test_gpt2():
    """Fused query, key, value in a transposed layer: q ↔ k, v ↔ projection, both norms → readers; GELU has none."""
    config = transformers.GPT2Config(
        vocab_size=WORDS, n_embd=24, n_layer=LAYERS, n_head=3, n_positions=16, bos_token_id=0, eos_token_id=0
    )
    laws = find(model := transformers.GPT2LMHeadModel(config).eval(), causal(model))
    found = families(laws)
    assert sum(found.values()) == 4 * LAYERS
    # the bias of keys has no gradient but rounding, so that it is in the law or not
    assert {(width, columns) for width, columns, _ in found} <= {(24, 3), (24, 4)}
    assert sum(count for (_, _, matrix), count in found.items() if matrix == 8) == 2 * LAYERS
    assert laws.gap > 1e3


def test_llama_with_grouped_queries():
    """Up → down, norms → readers, v ↔ o by groups of heads, q ↔ k by groups and rotary pairs."""
    config = transformers.LlamaConfig(
        **TINY, num_attention_heads=6, num_key_value_heads=2, tie_word_embeddings=False, pad_token_id=0
    )
    laws = find(model := transformers.LlamaForCausalLM(config).eval(), causal(model))
    layer = {(40, 2): 1, (24, 4): 1, (24, 3): 1, (8, 2): 1, (4, 2): 1}
    found = Counter((width, columns) for width, columns, _ in families(laws).elements())
    assert found == in_each_layer(layer) + Counter({(24, 2): 1})  # the last norm → the output
    formulas = {law.formula(laws.shapes).replace("model.layers.0.self_attn.", "") for law in laws.laws}
    assert "‖v_proj.weight[i, :]‖² − ‖o_proj.weight[:, i of 2·Σ3·4]‖²" in formulas
    assert "‖q_proj.weight[i of 2·Σ3·Σ2·2, :]‖² − ‖k_proj.weight[i of 2·Σ2·2, :]‖²" in formulas


def test_t5():
    """Per attention q ↔ k, v ↔ o and norm → readers; per ReLU layer two; the encoder's last norm → cross attention."""
    config = transformers.T5Config(
        vocab_size=WORDS, d_model=24, d_kv=4, num_heads=6, d_ff=40, num_layers=LAYERS, decoder_start_token_id=0
    )
    model = transformers.T5ForConditionalGeneration(config).eval()
    laws = find(model, lambda: model(input_ids=words(), decoder_input_ids=words(), labels=words()).loss.backward())
    # 3 attentions of the two stacks, of which cross attention reads its keys and values elsewhere; 2 ReLU layers
    layer = {(24, 2): 3 * 2 + 1 + 2, (24, 4): 2, (40, 2): 2}
    found = Counter((width, columns) for width, columns, _ in families(laws).elements())
    assert found == in_each_layer(layer) + Counter({(24, 1 + 2 * LAYERS): 1})


def test_vit():
    """q ↔ k, v ↔ o, two norms → readers, the last norm → classifier; the scale of the stream, but for ε."""
    config = transformers.ViTConfig(
        image_size=16, patch_size=4, hidden_size=24, num_hidden_layers=LAYERS, num_attention_heads=3,
        intermediate_size=40, num_labels=5,
    )  # fmt: skip
    model = transformers.ViTForImageClassification(config).eval()
    labels = torch.arange(8) % 5
    laws = find(model, lambda: F.cross_entropy(model(torch.randn(8, 3, 16, 16)).logits, labels).backward())
    found = Counter((width, columns) for width, columns, _ in families(laws).elements())
    assert found == in_each_layer({(24, 3): 3, (24, 5): 1}) + Counter({(24, 3): 1})
    (scale,) = (law for law in laws.laws if law.is_invariance)
    assert scale.width == 1


def test_experts():
    """Up → down for each of 4 experts; the router reads the norm as well."""
    config = transformers.MixtralConfig(
        vocab_size=WORDS, hidden_size=32, num_hidden_layers=1, num_attention_heads=4, intermediate_size=16,
        num_key_value_heads=2, num_local_experts=4, tie_word_embeddings=False,
    )  # fmt: skip
    laws = find(model := transformers.MixtralForCausalLM(config).eval(), causal(model))
    found = Counter((width, columns) for width, columns, _ in families(laws).elements())
    assert found == Counter({(4 * 16, 2): 1, (32, 3): 1, (32, 4): 1, (32, 2): 1, (16, 2): 1, (8, 2): 1})


@pytest.mark.parametrize("options", [{}, {"use_rslora": True}, {"use_dora": True}], ids=["lora", "rslora", "dora"])
def test_adapters(options):
    """A ↔ B of each layer, as a matrix law of width r."""
    peft = pytest.importorskip("peft", reason="peft is not installed")
    base = nn.Sequential()
    for name, part in (("a", nn.Linear(5, 16)), ("tanh", nn.Tanh()), ("b", nn.Linear(16, 3))):
        base.add_module(name, part)
    model = peft.get_peft_model(base, peft.LoraConfig(r=4, target_modules=["a", "b"], **options))
    laws = find(model, lambda: (model(torch.randn(9, 5)) - 1).square().sum().backward())
    assert families(laws) == Counter({(4, 2, 4): 2})
    assert all("lora_A" in law.parameters[0] and "lora_B" in law.parameters[1] for law in laws.laws)


def test_encoder_layer_of_pytorch():
    """Fused in_proj_weight: q ↔ k, v ↔ out_proj, linear1 → linear2; with the norms after, these read nothing alone."""
    layer = nn.TransformerEncoderLayer(24, 3, 40, dropout=0, batch_first=True)
    weights = torch.randn(4, 7, 24)
    laws = find(layer, lambda: (layer(torch.randn(4, 7, 24)) * weights).sum().backward())
    assert families(laws) == Counter({(24, 3, 8): 2, (40, 3, 0): 1})
