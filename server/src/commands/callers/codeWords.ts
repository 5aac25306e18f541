/** 256 short, plain, friendly words; five of them are 40 bits. Sorted, none twice; a test holds that. */
export const words: readonly string[] = (
  'amber apple april arrow aspen autumn badge baker balcony bamboo barley basil basket beach beacon bell ' +
  'berry birch bird blanket blossom blue boat book bottle branch bread breeze brick bridge brook brush ' +
  'bucket butter button cabin cactus candle canoe canyon cape carpet carrot castle cedar cello chalk cherry ' +
  'chestnut circle citrus clay cliff clock cloud clover coast cobalt cocoa comet compass copper coral corner ' +
  'cotton creek cricket crystal cup curtain daisy dawn delta desert dolphin door dove drum dune eagle ' +
  'echo ember engine fabric falcon farm feather fennel fern ferry fiddle field finch fjord flame flute ' +
  'forest fountain fox galaxy garden garlic ginger glacier glass glove gold granite grape grass green guitar ' +
  'hammer harbor harvest hazel heron hill honey horizon horse indigo iris island ivory ivy jacket jasmine ' +
  'juniper kettle kitchen kite ladder lake lamp lantern lark laurel lavender leaf lemon lentil library lily ' +
  'linen lion lotus lunar mango maple marble march meadow melon melody mint mirror mitten moon morning ' +
  'moss moth mountain nest night north nutmeg oak oat ocean olive onion opal orange orbit orchard ' +
  'orchid otter oven owl paddle paper parsley pasture peach pear pebble pencil pepper piano pigeon pillow ' +
  'pine planet plum pocket pond poppy porch prairie quartz quilt rabbit radio rain raven reef ribbon ' +
  'rice river robin rocket rose rowan saddle saffron sage sail salmon sand satin seven shadow shell ' +
  'silk silver sky sleeve snow sofa song sparrow spice spring spruce squash star stone storm stream ' +
  'sugar summer sunset swallow table tea thistle thunder tiger timber toast tulip tunnel turtle valley vanilla'
).split(' ');
